package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.time.Duration;

/** A real postmaster with a real server before it, and a client that sends what a test wants. */
final class Web implements AutoCloseable {

  static final String TOKEN = "0123456789abcdef0123456789abcdef";

  final Life life;
  final Postmaster postmaster;
  final WebServer server;
  final WebClient client;

  private Web(Life life, WebOptions options) throws Exception {
    this.life = life;
    postmaster = life.postmaster;
    server = Life.get(WebServer.start(life.vertx, postmaster, options.setPort(0)));
    client = WebClient.create(life.vertx);
  }

  static Web started(WebOptions options) throws Exception {
    return new Web(Life.started(), options);
  }

  static Web started(PostmasterOptions of, WebOptions options) throws Exception {
    return new Web(Life.started(of), options);
  }

  /** With a token that may do everything. */
  static Web started() throws Exception {
    return started(new WebOptions().setToken(TOKEN));
  }

  HttpRequest<Buffer> request(HttpMethod method, String path) {
    return client.request(method, server.port(), "127.0.0.1", path);
  }

  /** Without any credentials. */
  HttpResponse<Buffer> get(String path) throws Exception {
    return Life.get(request(HttpMethod.GET, path).send());
  }

  HttpResponse<Buffer> get(String path, MultiMap headers) throws Exception {
    return Life.get(request(HttpMethod.GET, path).putHeaders(headers).send());
  }

  /** With the token. */
  HttpResponse<Buffer> post(String path, JsonObject body) throws Exception {
    return Life.get(bearer(HttpMethod.POST, path).sendJsonObject(body));
  }

  HttpResponse<Buffer> delete(String path) throws Exception {
    return Life.get(bearer(HttpMethod.DELETE, path).send());
  }

  HttpRequest<Buffer> bearer(HttpMethod method, String path) {
    return request(method, path).bearerTokenAuthentication(TOKEN);
  }

  static void assertProblem(int status, String code, HttpResponse<Buffer> response) {
    assertEquals(status, response.statusCode(), response::bodyAsString);
    assertEquals("application/problem+json", response.getHeader("Content-Type"));
    assertEquals(code, response.bodyAsJsonObject().getString("code"));
    assertEquals(status, response.bodyAsJsonObject().getInteger("status"));
  }

  /** A worker that does nothing until it is told to stop. */
  WorkerHandle idle(String name) throws Exception {
    WorkerHandle handle = Life.get(postmaster.register(WorkerSpec.of(name, () -> Web::idle)));
    Life.get(handle.awaitReady());
    return handle;
  }

  static void idle(dev.postmaster.WorkerContext context) throws Exception {
    while (true) {
      context.checkInterrupts();
      context.awaitLatch(Duration.ofHours(1));
    }
  }

  @Override
  public void close() {
    client.close();
    life.close();
  }
}
