package dev.postmaster.web;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.LoggerFormat;
import io.vertx.ext.web.handler.LoggerHandler;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * One line a request in Apache's combined format, by Vert.x's {@link LoggerHandler}, to the logger
 * named {@value #LOGGER}: INFO, WARN from status 400, ERROR from 500.
 *
 * <p>Shape: {@code host - user [day/Mon/year:hh:mm:ss zone] "method target version" status bytes
 * "referrer" "agent"}; the bytes are those of the body. A quote, a backslash, a control character
 * or a byte outside ASCII stands as {@code \"}, {@code \\} or {@code \xhh}, as Apache writes it.
 * The handler's own combined format leaves them as they came, and a quote in a header would end its
 * field.
 */
final class AccessLog {

  /** The logger's name, for the configuration of the log. */
  static final String LOGGER = "io.vertx.ext.web.handler.LoggerHandler";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

  private static final int FIELD_MAX = 2_048;

  private AccessLog() {}

  static LoggerHandler handler() {
    return LoggerHandler.create(LoggerFormat.CUSTOM)
        .customFormatter((context, ms) -> line(context));
  }

  private static String line(RoutingContext context) {
    HttpServerRequest request = context.request();
    HttpServerResponse response = context.response();
    String agent = request.getHeader("User-Agent");
    String referrer = request.getHeader("Referer");
    String host = request.remoteAddress() == null ? null : request.remoteAddress().host();
    return new StringBuilder()
        .append(field(host))
        .append(" - - [")
        .append(TIME.format(Instant.now().atZone(ZoneId.systemDefault())))
        .append("] \"")
        .append(field(request.method().name()))
        .append(' ')
        .append(field(request.uri()))
        .append(request.version() == HttpVersion.HTTP_1_0 ? " HTTP/1.0\" " : " HTTP/1.1\" ")
        .append(response.getStatusCode())
        .append(' ')
        .append(response.bytesWritten())
        .append(" \"")
        .append(field(referrer))
        .append("\" \"")
        .append(field(agent))
        .append('"')
        .toString();
  }

  /** Makes a text safe to stand between quotes. */
  static String field(String value) {
    if (value == null || value.isEmpty()) {
      return "-";
    }
    StringBuilder out = new StringBuilder(value.length());
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (out.length() >= FIELD_MAX) {
        break;
      }
      if (b == '"' || b == '\\') {
        out.append('\\').append((char) b);
      } else if (b < 0x20 || b == 0x7f) {
        out.append(String.format(Locale.ROOT, "\\x%02x", b & 0xff));
      } else {
        out.append((char) b);
      }
    }
    return out.toString();
  }
}
