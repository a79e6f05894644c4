package dev.postmaster.runtime;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterExtension;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** What stands beside every postmaster. */
final class Extensions {

  private Extensions() {}

  /** Opens all that the class path has; done when all can be reached. */
  static Future<?> open(Vertx vertx, Postmaster postmaster, PostmasterOptions options) {
    List<Future<?>> opened = new ArrayList<>();
    for (PostmasterExtension extension :
        ServiceLoader.load(PostmasterExtension.class, PostmasterExtension.class.getClassLoader())) {
      opened.add(extension.open(vertx, postmaster, options));
    }
    return Future.join(opened);
  }
}
