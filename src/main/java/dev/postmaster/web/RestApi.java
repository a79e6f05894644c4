package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.StatusJson;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.transport.Transport;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;

/**
 * The reading half of REST, protocols §3: each answer is made from the published table.
 *
 * <p>Errors: {@code BAD_REQUEST}, {@code UNKNOWN_WORKER}, {@code STALE_HANDLE}, {@code
 * AMBIGUOUS_NAME}.
 */
final class RestApi {

  private final Vertx vertx;
  private final String transport;
  private final String version = RestApi.class.getPackage().getImplementationVersion();

  RestApi(Vertx vertx) {
    this.vertx = vertx;
    transport = transport(vertx);
  }

  private static String transport(Vertx vertx) {
    if (!vertx.isNativeTransportEnabled()) {
      return "nio";
    }
    return Transport.EPOLL != null && Transport.EPOLL.available() ? "epoll" : "io_uring";
  }

  void status(RoutingContext context, Postmaster postmaster) {
    PostmasterStatus status = postmaster.status();
    JsonObject workers = new JsonObject();
    for (WorkerState state : WorkerState.values()) {
      if (state != WorkerState.FREE) {
        workers.put(state.word(), status.workers().getOrDefault(state, 0));
      }
    }
    Answers.json(
        context,
        new JsonObject()
            .put("name", status.name())
            .put("version", version)
            .put("epoch", status.epoch())
            .put("seq", status.seq())
            .put("phase", status.phase().word())
            .put("shutdown", FeedJson.shutdown(status))
            .put("startedAt", StatusJson.known(status.startedAt()))
            .put("upMs", status.upMs())
            .put("workers", workers)
            .put("abandoned", status.workers().getOrDefault(WorkerState.ABANDONED, 0))
            .put("clients", status.clients())
            .put(
                "slots",
                new JsonObject().put("used", status.slotsUsed()).put("total", status.slotsTotal()))
            .put("parallel", FeedJson.parallel(status))
            .put("domains", FeedJson.domains(status.domains(), Integer.MAX_VALUE))
            .put("journal", journal(postmaster.transitions()))
            .put("transport", transport));
  }

  /** It is open as long as anybody can ask. */
  private static JsonObject journal(TransitionLog log) {
    return new JsonObject()
        .put("path", log.path().map(Path::toString).orElse(null))
        .put("capacity", log.capacity())
        .put("head", log.head())
        .put("oldest", log.oldest())
        .put("state", log.isFaulted() ? "FAULTED" : "OPEN");
  }

  void workers(RoutingContext context, Postmaster postmaster) {
    answer(context, QueryParameters.workers(context).page(vertx, postmaster));
  }

  private static void answer(RoutingContext context, Future<JsonObject> later) {
    Answers.later(context, later, body -> Answers.json(context, body));
  }

  void worker(RoutingContext context, Postmaster postmaster) {
    answer(
        context,
        new WorkerPath(vertx, postmaster, context)
            .worker()
            .map(
                found ->
                    StatusJson.worker(found)
                        .put("stack", postmaster.stack(found.handle()).orElse(null))));
  }

  void transitions(RoutingContext context, Postmaster postmaster) {
    answer(context, TransitionPages.read(context, vertx, postmaster));
  }
}
