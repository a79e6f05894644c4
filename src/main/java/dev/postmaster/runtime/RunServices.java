package dev.postmaster.runtime;

import dev.postmaster.Handle;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerFactory;
import dev.postmaster.core.End;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/** What runs ask of their host, and tell it; from any thread. */
interface RunServices {

  VertxInternal vertx();

  Postmaster postmaster();

  /** A context on the postmaster's event loop. */
  ContextInternal home();

  /** A context on an event loop that is not the postmaster's, if there is another. */
  ContextInternal relay();

  PostmasterOptions options();

  Handle handle(HostedRun run);

  /** What makes its worker; resolved at each launch. */
  WorkerFactory factory(HostedRun run);

  /** Where the run is to live; its tasks are watched if they may block. */
  ContextInternal newContext(HostedRun run, String deploymentId);

  /** The context that calls of Vert.x from a main on this context are to be made on. */
  ContextInternal callsOf(ContextInternal run);

  /** Main is entered, or the start is over. */
  void began(HostedRun run);

  void ready(HostedRun run, boolean ready);

  void extendStart(HostedRun run);

  void extendStop(HostedRun run);

  /** It wants its signal address. */
  void listens(HostedRun run);

  /** How it ended is decided, but its code is not left, or there are things to close. */
  void decided(HostedRun run, End end, Throwable thrown);

  /** Something was thrown that does not end the run. */
  void survived(HostedRun run, Throwable thrown);

  /** Its code is left, and how it ended decided. */
  void left(HostedRun run, End end, Throwable thrown);

  /** Vert.x undeploys it: at our wish, or at somebody else's. */
  void undeploying(HostedRun run);

  /** Nobody is inside its code, and its context and resources are closed. */
  void closed(HostedRun run);
}
