package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Holder;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.WorkerQuery;
import dev.postmaster.WorkerStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * A worker as a path names it: what parses as a handle is one, {@code #3} is slot 3, anything else
 * is a name.
 *
 * <p>Errors: {@code UNKNOWN_WORKER}, {@code STALE_HANDLE}, {@code AMBIGUOUS_NAME}.
 */
final class WorkerPath {

  private static final int HOLDERS_MAX = 5;

  private final Vertx vertx;
  private final Postmaster postmaster;
  private final String id;

  WorkerPath(Vertx vertx, Postmaster postmaster, RoutingContext context) {
    this.vertx = vertx;
    this.postmaster = postmaster;
    id = context.pathParam("worker");
  }

  /** Its handle; one that is written out need not be of anybody any more. */
  Future<String> handle() {
    return Handle.parse(id).isPresent()
        ? Future.succeededFuture(id)
        : worker().map(worker -> worker.handle().toString());
  }

  /** Who it is now. */
  Future<WorkerStatus> worker() {
    Optional<Handle> handle = Handle.parse(id);
    if (handle.isPresent()) {
      return Future.succeededFuture(byHandle(handle.get()));
    }
    if (id.matches("#\\d{1,6}")) {
      return Future.succeededFuture(
          postmaster.slot(Integer.parseInt(id.substring(1))).orElseThrow(() -> unknown(id)));
    }
    return WorkerQuery.named(id, HOLDERS_MAX).select(vertx, postmaster).map(this::single);
  }

  private WorkerStatus byHandle(Handle handle) {
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

  private WorkerStatus single(List<WorkerStatus> found) {
    if (found.isEmpty()) {
      throw unknown(id);
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
        ErrorCode.AMBIGUOUS_NAME, "several workers are called \"" + id + '"', -1, -1, holders);
  }

  private static PostmasterException unknown(String id) {
    return PostmasterException.of(ErrorCode.UNKNOWN_WORKER, "no worker is \"" + id + '"');
  }
}
