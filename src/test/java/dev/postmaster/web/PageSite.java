package dev.postmaster.web;

import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;

/** A postmaster and its server, which may go and come again at the same port. */
final class PageSite implements AutoCloseable {

  final Life life;
  private final WebOptions options;
  private WebServer server;

  PageSite() throws Exception {
    this(Life.options(), new WebOptions());
  }

  PageSite(PostmasterOptions of) throws Exception {
    this(of, new WebOptions());
  }

  PageSite(PostmasterOptions of, WebOptions web) throws Exception {
    life = Life.started(of);
    options = new WebOptions(web);
    if (options.token().isEmpty()) {
      options.setToken(Web.TOKEN);
    }
    if (web.port() == new WebOptions().port()) {
      options.setPort(0);
    }
    server = Life.get(WebServer.start(life.vertx, life.postmaster, options));
    options.setPort(server.port());
    Life.get(server.settled());
  }

  /** Where another one may follow this. */
  WebOptions samePort() {
    return new WebOptions(options);
  }

  String url() {
    return "http://127.0.0.1:" + options.port() + "/";
  }

  void stop() throws Exception {
    Life.get(server.close());
  }

  void startAgain() throws Exception {
    server = Life.get(WebServer.start(life.vertx, life.postmaster, options));
    Life.get(server.settled());
  }

  /** Registers a worker and waits until it runs. */
  WorkerHandle run(WorkerSpec spec) throws Exception {
    WorkerHandle handle = Life.get(life.postmaster.register(spec));
    Life.get(handle.awaitStarted());
    return handle;
  }

  /** One that waits until it is told to stop. */
  WorkerHandle idle(String name) throws Exception {
    return run(WorkerSpec.of(name, () -> Web::idle));
  }

  long head() {
    return life.postmaster.transitions().head();
  }

  @Override
  public void close() {
    life.close();
  }
}
