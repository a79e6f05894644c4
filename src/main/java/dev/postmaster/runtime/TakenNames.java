package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import java.util.Optional;

/** The names of the postmasters that run on a Vertx: their addresses are made from them. */
final class TakenNames {

  private TakenNames() {}

  private static LocalMap<String, Boolean> of(Vertx vertx) {
    return vertx.sharedData().getLocalMap("dev.postmaster.names");
  }

  /** Takes a name; what is said against it. */
  static Optional<PostmasterException> take(Vertx vertx, String name) {
    if (of(vertx).putIfAbsent(name, true) == null) {
      return Optional.empty();
    }
    String message = "a postmaster named \"" + name + "\" runs on this Vertx";
    return Optional.of(PostmasterException.of(ErrorCode.BAD_REQUEST, message));
  }

  static void giveBack(Vertx vertx, String name) {
    of(vertx).remove(name);
  }
}
