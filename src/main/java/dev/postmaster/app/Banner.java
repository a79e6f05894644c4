package dev.postmaster.app;

import dev.postmaster.PostmasterOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Vertx;

/** What the console shows of a program that has started: at most four lines. */
final class Banner {

  private Banner() {}

  static void print(
      PostmasterOptions options, Vertx vertx, Configuration configuration, WebServer web) {
    System.out.printf(
        "postmaster %s \"%s\", %d slots, transport %s%n",
        Main.Version.text(), options.name(), options.maxWorkers(), transport(vertx));
    if (web != null) {
      System.out.println(url(configuration, web));
    }
    String token = web == null ? "" : ", token " + configuration.tokenFile();
    System.out.println("log " + configuration.file("log.file") + token);
    if (web != null) {
      System.out.println("try: curl -s " + url(configuration, web) + "/api/v1/workers");
    }
  }

  static String url(Configuration configuration, WebServer web) {
    String host = configuration.web().host().replace("[", "").replace("]", "");
    String scheme = configuration.web().tls().isPresent() ? "https://" : "http://";
    return scheme + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + web.port();
  }

  private static String transport(Vertx vertx) {
    if (vertx.isNativeTransportEnabled()) {
      return "epoll";
    }
    Throwable why = vertx.unavailableNativeTransportCause();
    return why == null ? "nio" : "nio (" + why.getMessage() + ')';
  }
}
