package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Holder;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.function.Consumer;

/** Writes every HTTP answer: JSON, or what is wrong as {@code application/problem+json}. */
final class Answers {

  private static final String PROBLEM = Answers.class.getName();
  private static final int DETAIL_MAX = 1_000;

  private static final String PERMISSIONS =
      "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(),"
          + " magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

  private Answers() {}

  /** The headers that no answer goes without; only the page may load anything. */
  static void secure(HttpServerResponse response) {
    MultiMap headers = response.headers();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Permissions-Policy", PERMISSIONS);
    headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    headers.set("Cache-Control", "no-store");
  }

  static void json(RoutingContext context, JsonObject body) {
    json(context, 200, body);
  }

  static void json(RoutingContext context, int status, JsonObject body) {
    end(context, status, "application/json", body);
  }

  static void empty(RoutingContext context) {
    secure(context.response());
    context.response().setStatusCode(204);
    end(context, Buffer.buffer());
  }

  /** A file; its headers count for more than those that every answer has. */
  static void file(RoutingContext context, int status, Map<String, String> headers, Buffer bytes) {
    HttpServerResponse response = context.response();
    secure(response);
    headers.forEach(response::putHeader);
    if (status != 304) {
      response.putHeader("Content-Length", Integer.toString(bytes.length()));
    }
    response.setStatusCode(status);
    end(context, bytes);
  }

  /** Goes on later; what is thrown then fails the request, where a listener's would be lost. */
  static <T> void later(RoutingContext context, Future<T> later, Consumer<T> next) {
    later.onComplete(
        done -> {
          try {
            if (done.failed()) {
              context.fail(done.cause());
            } else {
              next.accept(done.result());
            }
          } catch (RuntimeException failure) {
            context.fail(failure);
          }
        });
  }

  static void problem(RoutingContext context, ErrorCode code, String detail) {
    problem(context, code.http(), code, detail);
  }

  /** An error of HTTP itself, such as an unknown path: the code is the nearest of the table. */
  static void problem(RoutingContext context, int status, ErrorCode code, String detail) {
    context.put(PROBLEM, code);
    end(context, status, "application/problem+json", body(status, code, detail));
  }

  static void problem(RoutingContext context, PostmasterException refusal) {
    ErrorCode code = refusal.code();
    JsonObject body = body(code.http(), code, refusal.getMessage());
    if (refusal.limit() >= 0) {
      body.put("limit", refusal.limit()).put("used", refusal.used());
    }
    if (refusal.retryMs() >= 0) {
      body.put("retryMs", refusal.retryMs());
      long seconds = (refusal.retryMs() + 999) / 1_000;
      context.response().putHeader("Retry-After", Long.toString(seconds));
    }
    if (code == ErrorCode.UNAUTHENTICATED) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    }
    if (!refusal.holders().isEmpty()) {
      body.put("holders", holders(refusal));
    }
    context.put(PROBLEM, code);
    end(context, code.http(), "application/problem+json", body);
  }

  /** The code of the problem that a request was answered with; null if with none. */
  static ErrorCode problem(RoutingContext context) {
    return context.get(PROBLEM);
  }

  private static JsonObject body(int status, ErrorCode code, String detail) {
    String shown = detail.length() > DETAIL_MAX ? detail.substring(0, DETAIL_MAX) + "…" : detail;
    return new JsonObject()
        .put("status", status)
        .put("code", code.name())
        .put("number", code.number())
        .put("detail", shown);
  }

  private static JsonArray holders(PostmasterException refusal) {
    JsonArray holders = new JsonArray();
    for (Holder holder : refusal.holders()) {
      holders.add(
          new JsonObject()
              .put("handle", holder.handle().toString())
              .put("name", holder.name())
              .put("ageMs", holder.ageMs()));
    }
    return holders;
  }

  private static void end(RoutingContext context, int status, String type, JsonObject body) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    secure(response);
    Buffer text = body.toBuffer().appendString("\n");
    response
        .setStatusCode(status)
        .putHeader("Content-Type", type)
        .putHeader("Content-Length", Integer.toString(text.length()));
    end(context, text);
  }

  private static void end(RoutingContext context, Buffer text) {
    HttpServerResponse response = context.response();
    if (!context.request().isEnded() && isLong(context.request())) {
      // Nobody will read what is still coming.
      response.putHeader("Connection", "close");
      response.end(text).onComplete(sent -> context.request().connection().close());
    } else {
      response.end(text);
    }
  }

  /** Whether more may follow a request than a body that anybody reads. */
  private static boolean isLong(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.headers().contains("Transfer-Encoding") || length != null && length.length() > 5;
  }
}
