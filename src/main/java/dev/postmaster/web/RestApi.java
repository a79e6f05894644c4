package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Holder;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.StatusJson;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerQuery;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.transport.Transport;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The reading half of REST, protocols §3: each answer is made from the published table.
 *
 * <p>Errors: {@code BAD_REQUEST}, {@code UNKNOWN_WORKER}, {@code STALE_HANDLE}, {@code
 * AMBIGUOUS_NAME}.
 */
final class RestApi {

  private static final int HOLDERS_MAX = 5;

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

  /** Answers later. What is thrown on the way fails the future: a listener's would be lost. */
  private static void answer(RoutingContext context, Future<JsonObject> later) {
    later.onComplete(body -> Answers.json(context, body), context::fail);
  }

  void worker(RoutingContext context, Postmaster postmaster) {
    if (context.queryParams().contains("await")) {
      throw PostmasterException.of(ErrorCode.BAD_REQUEST, "await is not supported yet");
    }
    String id = context.pathParam("worker");
    Optional<Handle> handle = Handle.parse(id);
    if (handle.isPresent()) {
      Answers.json(context, StatusJson.worker(byHandle(postmaster, handle.get())));
    } else if (id.matches("#\\d{1,6}")) {
      WorkerStatus tenant =
          postmaster.slot(Integer.parseInt(id.substring(1))).orElseThrow(() -> unknown(id));
      Answers.json(context, StatusJson.worker(tenant));
    } else {
      Future<List<WorkerStatus>> named =
          WorkerQuery.named(id, HOLDERS_MAX).select(vertx, postmaster);
      answer(context, named.map(found -> StatusJson.worker(single(id, found))));
    }
  }

  private static WorkerStatus byHandle(Postmaster postmaster, Handle handle) {
    Optional<WorkerStatus> tenant = postmaster.slot(handle.slot());
    if (tenant.isPresent() && tenant.get().handle().equals(handle)) {
      return tenant.get();
    }
    if (tenant.isEmpty() && handle.epoch().equals(postmaster.epoch())) {
      throw unknown(handle.toString());
    }
    throw PostmasterException.of(
        ErrorCode.STALE_HANDLE, "\"" + handle + "\" is of another tenant or another epoch");
  }

  private static WorkerStatus single(String name, List<WorkerStatus> found) {
    if (found.isEmpty()) {
      throw unknown(name);
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    long now = System.currentTimeMillis();
    List<Holder> holders =
        found.stream()
            .limit(HOLDERS_MAX)
            .map(w -> new Holder(w.handle(), w.name(), Math.max(0, now - w.registeredAt())))
            .toList();
    throw PostmasterException.limit(
        ErrorCode.AMBIGUOUS_NAME, "several workers are called \"" + name + '"', -1, -1, holders);
  }

  private static PostmasterException unknown(String id) {
    return PostmasterException.of(ErrorCode.UNKNOWN_WORKER, "no worker is \"" + id + '"');
  }
}
