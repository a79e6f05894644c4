package dev.postmaster.client;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Holder;
import dev.postmaster.PostmasterException;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * Reads a refusal from its {@code application/problem+json}, protocols §3; of one that is none, as
 * a proxy may send it, the nearest code is taken from the HTTP status.
 */
final class Problems {

  private static final int HOLDERS_MAX = 5;

  private Problems() {}

  static PostmasterException of(int status, Buffer body) {
    try {
      Wire problem = Wire.parse(body == null ? "" : body.toString());
      ErrorCode code =
          StatusReader.word(problem, "code", ErrorCode.values(), ErrorCode::name)
              .orElseThrow(() -> problem.wrong("code", "known code"));
      List<Holder> holders =
          problem.list("holders").stream()
              .limit(HOLDERS_MAX)
              .map(Wire::object)
              .map(Problems::holder)
              .toList();
      long retryMs = problem.number("retryMs", 0);
      if (retryMs > 0) {
        String said = problem.text("detail", Wire.MESSAGE_MAX);
        return PostmasterException.retry(code, said.replaceAll("; retryMs \\d+$", ""), retryMs);
      }
      return PostmasterException.limit(
          code,
          problem.text("detail", Wire.MESSAGE_MAX),
          problem.count("limit", -1),
          problem.count("used", -1),
          holders);
    } catch (WireFault notOurs) {
      return PostmasterException.of(nearest(status), "the server answered with HTTP " + status);
    }
  }

  private static Holder holder(Wire of) {
    Handle handle = Handle.parse(of.name("handle")).orElseThrow(() -> of.wrong("handle", "handle"));
    return new Holder(handle, of.name("name"), of.number("ageMs"));
  }

  private static ErrorCode nearest(int status) {
    return switch (status) {
      case 401 -> ErrorCode.UNAUTHENTICATED;
      case 403 -> ErrorCode.FORBIDDEN;
      case 429 -> ErrorCode.RATE_LIMITED;
      default -> status >= 500 ? ErrorCode.INTERNAL : ErrorCode.BAD_REQUEST;
    };
  }
}
