package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.Base64;
import java.util.List;

/**
 * Lets a request for a WebSocket pass if it is one of RFC 6455, before Netty sees it: that would
 * speak the drafts 7 and 8 too, whose handshakes it hardly looks at, and hold a body in memory.
 *
 * <p>Source: RFC 6455, §4.2.1 and §4.4.
 */
final class Handshake {

  private static final String VERSION = "Sec-WebSocket-Version";

  private static final int KEY_BYTES = 16;

  private Handshake() {}

  static void check(RoutingContext context) {
    MultiMap headers = context.request().headers();
    if (!headers.getAll(VERSION).equals(List.of("13"))) {
      context.response().putHeader(VERSION, "13").putHeader("Upgrade", "websocket");
      Answers.problem(context, 426, ErrorCode.BAD_REQUEST, VERSION + " is not 13");
    } else if (!isKey(headers.getAll("Sec-WebSocket-Key"))) {
      refuse(context, "Sec-WebSocket-Key is not one key of 16 bytes");
    } else if (headers.contains("Transfer-Encoding")
        || !headers.get("Upgrade").strip().equalsIgnoreCase("websocket")
        || headers.getAll("Upgrade").size() > 1
        || headers.contains("Content-Length") && !"0".equals(headers.get("Content-Length"))) {
      refuse(context, "a request for a WebSocket has no body, and asks for nothing else");
    } else {
      context.next();
    }
  }

  private static void refuse(RoutingContext context, String detail) {
    Answers.problem(context, ErrorCode.BAD_REQUEST, detail);
  }

  private static boolean isKey(List<String> keys) {
    try {
      return keys.size() == 1
          && Base64.getDecoder().decode(keys.get(0).strip()).length == KEY_BYTES;
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }
}
