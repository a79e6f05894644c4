package dev.postmaster.web;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;

/**
 * The certificate of the server and its key, and their successors: the files are looked at now and
 * then, and new connections get what stands there. What cannot be used is logged, and the old one
 * stays.
 */
final class Certificate {

  /** Both old ones have holes. */
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  /** Of 1.2 only those with keys that are forgotten, and with authentication built in. */
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_256_GCM_SHA384",
          "TLS_AES_128_GCM_SHA256",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final int HANDSHAKE_SECONDS = 5;

  private final WebOptions.Tls files;
  private List<FileTime> known;

  Certificate(WebOptions.Tls files) {
    this.files = files;
    known = times();
  }

  /** Puts TLS into the options of a server. */
  static void apply(WebOptions.Tls files, HttpServerOptions http) {
    http.setSsl(true)
        .setUseAlpn(false)
        .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
        .setKeyCertOptions(pem(files))
        .setEnabledSecureTransportProtocols(PROTOCOLS);
    SUITES.forEach(http::addEnabledCipherSuite);
  }

  private static PemKeyCertOptions pem(WebOptions.Tls files) {
    return new PemKeyCertOptions()
        .addCertPath(files.certificate().toString())
        .addKeyPath(files.key().toString());
  }

  /** Looks from now on; ends with the deployment that calls. */
  void watch(Vertx vertx, HttpServer server, int everyMs) {
    vertx.setPeriodic(everyMs, tick -> look(vertx, server));
  }

  private void look(Vertx vertx, HttpServer server) {
    vertx
        .executeBlocking(this::times)
        .onSuccess(
            found -> {
              if (!found.isEmpty() && !found.equals(known)) {
                known = found;
                renew(server);
              }
            });
  }

  private void renew(HttpServer server) {
    ServerSSLOptions renewed = new ServerSSLOptions();
    renewed.setKeyCertOptions(pem(files)).setEnabledSecureTransportProtocols(PROTOCOLS);
    renewed.setSslHandshakeTimeout(HANDSHAKE_SECONDS);
    SUITES.forEach(renewed::addEnabledCipherSuite);
    server
        .updateSSLOptions(renewed, true)
        .onSuccess(done -> Site.LOG.log(Level.INFO, "the certificate was read again"))
        .onFailure(
            unusable ->
                Site.LOG.log(
                    Level.WARNING, "the new certificate cannot be used: {0}", "" + unusable));
  }

  /** When they were changed; none while one of them is missing. */
  private List<FileTime> times() {
    try {
      return List.of(
          Files.getLastModifiedTime(files.certificate()), Files.getLastModifiedTime(files.key()));
    } catch (IOException missing) {
      return List.of();
    }
  }
}
