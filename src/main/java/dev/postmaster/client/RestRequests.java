package dev.postmaster.client;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Sends requests with the token, and reads what comes back or why it was refused. */
final class RestRequests {

  /** One request; empty: without a body, without a key. */
  record Ask(
      HttpMethod method,
      String path,
      Map<String, String> query,
      Optional<JsonObject> body,
      Optional<String> key,
      Duration patience) {

    static Ask get(String path) {
      return new Ask(
          HttpMethod.GET, path, Map.of(), Optional.empty(), Optional.empty(), Duration.ZERO);
    }

    static Ask post(String path, JsonObject body) {
      return new Ask(
          HttpMethod.POST, path, Map.of(), Optional.of(body), Optional.empty(), Duration.ZERO);
    }

    static Ask delete(String path) {
      return new Ask(
          HttpMethod.DELETE, path, Map.of(), Optional.empty(), Optional.empty(), Duration.ZERO);
    }

    Ask with(Map<String, String> parameters) {
      return new Ask(method, path, parameters, body, key, patience);
    }

    Ask key(String value) {
      return new Ask(method, path, query, body, Optional.of(value), patience);
    }

    /** How long the server may take beyond the usual. */
    Ask patience(Duration value) {
      return new Ask(method, path, query, body, key, value);
    }
  }

  private final Vertx vertx;
  private final ClientOptions options;
  private final WebClient client;

  RestRequests(Vertx vertx, ClientOptions options) {
    this.vertx = vertx;
    this.options = options;
    client =
        WebClient.create(
            vertx,
            new WebClientOptions()
                .setDefaultHost(options.host())
                .setDefaultPort(options.port())
                .setSsl(options.isSsl())
                .setTrustOptions(options.trust().orElse(null))
                .setConnectTimeout((int) options.timeout().toMillis())
                .setFollowRedirects(false));
  }

  /** Asks, and reads the object that is the answer. */
  <T> Future<T> send(Ask ask, Function<Wire, T> read) {
    return Token.of(vertx, options)
        .compose(token -> sent(request(ask, token), ask.body()))
        .map(response -> answer(response, read));
  }

  private HttpRequest<Buffer> request(Ask ask, String token) {
    HttpRequest<Buffer> request =
        client
            .request(ask.method(), ask.path())
            .timeout(options.timeout().plus(ask.patience()).toMillis())
            .putHeader("Accept", "application/json, application/problem+json");
    ask.query().forEach(request::addQueryParam);
    ask.key().ifPresent(key -> request.putHeader("Idempotency-Key", key));
    return token.isEmpty() ? request : request.putHeader("Authorization", "Bearer " + token);
  }

  private static Future<HttpResponse<Buffer>> sent(
      HttpRequest<Buffer> request, Optional<JsonObject> body) {
    return body.map(request::sendJsonObject).orElseGet(request::send);
  }

  private static <T> T answer(HttpResponse<Buffer> response, Function<Wire, T> read) {
    int status = response.statusCode();
    if (status < 200 || status > 299) {
      throw Problems.of(status, response.body());
    }
    try {
      Buffer body = response.body();
      return read.apply(Wire.parse(body == null ? "" : body.toString()));
    } catch (WireFault fault) {
      throw PostmasterException.of(
          ErrorCode.INTERNAL, "the server broke the protocol: " + fault.getMessage());
    }
  }

  /** A text as one segment of a path. */
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  void close() {
    client.close();
  }
}
