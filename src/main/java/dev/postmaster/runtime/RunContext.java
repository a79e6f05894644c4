package dev.postmaster.runtime;

import dev.postmaster.ConnectionSource;
import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.SharedMemory;
import dev.postmaster.WaitResult;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerExit;
import dev.postmaster.core.End;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;

/** What all runs have at hand. */
abstract class RunContext implements WorkerContext {

  final HostedRun run;
  final RunServices services;
  private boolean connected;

  RunContext(HostedRun run, RunServices services) {
    this.run = run;
    this.services = services;
  }

  /** What was thrown where Vert.x shows it to nobody. */
  abstract void uncaught(Throwable thrown);

  @Override
  public Vertx vertx() {
    return services.vertx();
  }

  @Override
  public Handle handle() {
    return services.handle(run);
  }

  @Override
  public long runId() {
    return run.id.runId();
  }

  @Override
  public String name() {
    return run.terms.name();
  }

  @Override
  public String type() {
    return run.terms.type();
  }

  @Override
  public long mainArg() {
    return run.spec.mainArg();
  }

  @Override
  public JsonObject args() {
    return run.spec.args();
  }

  @Override
  public Postmaster postmaster() {
    return services.postmaster();
  }

  @Override
  public void checkInterrupts() {
    if (run.isTerminationRequested()) {
      throw new WorkerExit("termination was asked for");
    }
    handleSignals();
  }

  /** Runs the handlers of signals that have come, where the run's own thread does that. */
  abstract void handleSignals();

  /**
   * Where a thread may wait.
   *
   * @throws IllegalStateException on an event loop
   */
  private Latch latch() {
    if (run.latch == null) {
      throw new IllegalStateException("a worker on an event loop must not wait");
    }
    return run.latch;
  }

  @Override
  public boolean isTerminationRequested() {
    return run.isTerminationRequested();
  }

  @Override
  public WaitResult awaitLatch(Duration timeout) throws InterruptedException {
    WaitResult result = latch().await(Nanos.of(timeout));
    handleSignals();
    return result;
  }

  @Override
  public void setLatch() {
    if (run.latch != null) {
      run.latch.set();
    }
  }

  @Override
  public <T> T await(Future<T> future) throws Exception {
    return await(future, services.options().awaitTimeout());
  }

  @Override
  public <T> T await(Future<T> future, Duration timeout) throws Exception {
    Latch latch = latch();
    // The listener runs wherever the future completes; never on this context, which is busy.
    future.onComplete(done -> latch.poke());
    boolean over =
        latch.awaitUntil(
            () -> future.isComplete() || run.isTerminationRequested() || latch.isDead(),
            Nanos.of(timeout));
    if (future.succeeded()) {
      return future.result();
    }
    if (future.failed()) {
      throw asException(future.cause());
    }
    checkInterrupts();
    throw over
        ? PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended")
        : PostmasterException.of(ErrorCode.TIMEOUT, "no result after " + timeout);
  }

  private static Exception asException(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof Exception exception ? exception : new ExecutionException(cause);
  }

  @Override
  public void ready() {
    services.ready(run, true);
  }

  @Override
  public void notReady() {
    services.ready(run, false);
  }

  @Override
  public void extendStart() {
    services.extendStart(run);
  }

  @Override
  public void extendStop() {
    services.extendStop(run);
  }

  @Override
  public WorkerExit exit(int code) {
    return exit(code, "");
  }

  @Override
  public WorkerExit exit(int code, String message) {
    say(End.exited(code, Faults.cut(message)));
    throw new WorkerExit("exit(" + code + ')');
  }

  /** Makes the end known: should main swallow it, the ladder runs. */
  private void say(End end) {
    services.decided(run, run.say(end), null);
  }

  @Override
  public <T> Handler<T> guard(Handler<T> handler) {
    return event -> {
      try {
        handler.handle(event);
      } catch (Throwable thrown) {
        uncaught(thrown);
      }
    };
  }

  @Override
  public void onCancel(Runnable handler) {
    run.onCancel(handler);
  }

  @Override
  public SharedMemory sharedMemory() {
    if (!run.terms.flags().contains(Flag.SHARED_MEMORY)) {
      throw new IllegalStateException("sharedMemory() without the flag SHARED_MEMORY");
    }
    return run.memory;
  }

  @Override
  public Connection connect() throws SQLException {
    return connect("", "");
  }

  @Override
  public Connection connect(String database, String user) throws SQLException {
    if (!run.terms.flags().contains(Flag.DATABASE_CONNECTION)) {
      throw misuse("connect() without the flag DATABASE_CONNECTION");
    }
    latch(); // to connect is to wait
    if (connected) {
      throw misuse("connect() a second time in one run");
    }
    ConnectionSource source =
        services
            .options()
            .connections()
            .orElseThrow(() -> new SQLException("this postmaster has no connections"));
    connected = true;
    Connection connection = source.connect(database, user);
    closeAtEnd(
        () -> {
          if (run.isSuspect()) {
            source.evict(connection);
          } else {
            connection.close();
          }
        });
    return connection;
  }

  /** The run ends FAILED, whatever main does after this. */
  private IllegalStateException misuse(String what) {
    say(End.threw(what));
    return new IllegalStateException(what);
  }

  @Override
  public <C extends AutoCloseable> C closeAtEnd(C resource) {
    if (!run.opened(resource)) {
      closeTooLate(resource);
    }
    return resource;
  }

  /** Opened by a thread of the worker's own that outlived the run: nobody else would close it. */
  private static void closeTooLate(AutoCloseable resource) {
    IllegalStateException over = new IllegalStateException("the run has ended");
    try {
      resource.close();
    } catch (Exception failure) {
      over.addSuppressed(failure);
    }
    throw over;
  }

  /**
   * Says where its thread is about to wait; null: nowhere.
   *
   * @throws IllegalStateException on an event loop
   */
  void blocksIn(Object monitor) {
    latch();
    run.blocksIn(monitor);
  }
}
