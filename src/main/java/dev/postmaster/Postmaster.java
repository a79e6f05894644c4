package dev.postmaster;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The supervisor of background workers, one event loop's own.
 *
 * <p>Threading: any thread may call anything. Futures are completed on the caller's context if it
 * is an event loop's, else on an event loop that is not the postmaster's.
 *
 * <p>Errors: a {@link PostmasterException} in the future; nothing throws but {@link #create}.
 */
public interface Postmaster {

  /** Builds one; nothing runs before {@link #start()}. */
  static Postmaster create(Vertx vertx, PostmasterOptions options) {
    return ServiceLoader.load(PostmasterFactory.class, PostmasterFactory.class.getClassLoader())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no runtime on the class path"))
        .create(vertx, options);
  }

  /** What {@link #create} finds through the ServiceLoader. */
  interface PostmasterFactory {
    Postmaster create(Vertx vertx, PostmasterOptions options);
  }

  /**
   * The same, called on behalf of somebody else, as the journal will say. For anybody but {@link
   * By#CODE} {@link WorkerHandle#terminate} fails with {@code STALE_HANDLE} if another has the
   * slot, or the epoch is another (contract §4).
   */
  Postmaster as(By who);

  String name();

  /** The life line of its state, a ULID; empty before the start. */
  String epoch();

  /**
   * Registers a worker: before the start a static one, validated at once, its slot given at the
   * start; after it a dynamic one. The future of a static registration completes with a handle at
   * the start.
   */
  Future<WorkerHandle> register(WorkerSpec spec);

  /**
   * What the start will fail with, as far as options and libraries say it, each with its path; what
   * is wrong with a static registration fails that registration too.
   */
  List<String> faults();

  /** Starts; fails with all faults of static registrations at once. */
  Future<Postmaster> start();

  /** The registration of that name, or the first of several by slot; from the published table. */
  Optional<WorkerHandle> find(String name);

  /** A handle made again from its written form; its registration may be gone. */
  WorkerHandle handle(Handle handle);

  /** Of the whole: everything that anybody has been told of by now is in its figures. */
  PostmasterStatus status();

  /** From the published table, by slot: registrations in slots above {@code afterSlot}. */
  List<WorkerStatus> list(int afterSlot, int limit);

  /** All registrations, by slot. */
  default List<WorkerStatus> list() {
    return list(-1, Integer.MAX_VALUE);
  }

  /** What is in a slot now; empty if it is free. */
  Optional<WorkerStatus> slot(int slot);

  /**
   * Where the last failure of a worker happened, or where its thread was when it was abandoned: its
   * stack trace, at most 8 KiB; of the last 1,024 workers that failed.
   */
  Optional<String> stack(Handle handle);

  /** Which slots show something new that no transition says. */
  StatusChanges changes();

  /** How it is doing; the same object for all its life. */
  Vitals vitals();

  /** Whether the calling thread is the postmaster's loop, which nothing else should hold. */
  boolean isLoop();

  /** The entry points that may be registered, by {@code library/function}. */
  java.util.Map<String, EntryPoint> entryPoints();

  /**
   * Calls the handler with each transition, in order of {@code seq}, on the caller's context if it
   * is an event loop's, else on an event loop that is not the postmaster's. On that context a
   * transition is heard before the answers that were given after it.
   *
   * @return stops it
   */
  default Runnable onTransition(Handler<Transition> handler) {
    return onTransition(handler, Duration.ZERO);
  }

  /**
   * The same, for a listener that can wait: with many transitions in a row he costs the postmaster
   * far less, whose loop need not wake his for each.
   *
   * @param patience how much later than that he may hear a transition, if he has just heard another
   * @return stops it
   */
  Runnable onTransition(Handler<Transition> handler, Duration patience);

  /** The journal. */
  TransitionLog transitions();

  /** At most 1,000 transitions after that sequence number. */
  default TransitionLog.Page transitionsAfter(long seq) {
    return transitions().read(seq, 1_000);
  }

  /**
   * No new starts for the target until then, or until resumed.
   *
   * @return how many registrations it meets now
   */
  Future<Integer> pause(Target target, Optional<Instant> until);

  /** As pause, and stops those that run; they are started again after {@link #resume}. */
  Future<Integer> drain(Target target, Optional<Instant> until);

  Future<Integer> resume(Target target);

  /** Moves the phase forward; the same is nothing, backwards {@code BAD_REQUEST}. */
  Future<Void> advance(Phase phase);

  /** Sends a signal to every run. */
  Future<Void> signalAll(Signal signal);

  /**
   * Notes that somebody was refused a change before the postmaster was asked, for those who let
   * others ask: a record {@code refused} in the journal and a line in the log, of one code and
   * caller at most once a minute, with a count. What the postmaster refuses itself is noted anyway.
   *
   * @param caller who it was, as the journal shows it after the code
   * @param sentence what he was told
   */
  void refused(ErrorCode code, String caller, String sentence);

  /** Attaches a client that renews itself. */
  Future<Client> attach();

  /**
   * Attaches a client under a name of its own, or renews it: it is detached 90 seconds after it was
   * last heard of.
   */
  Future<Void> attach(String client);

  /** Detaches a client; nothing if it is not attached. */
  Future<Void> detach(String client);

  /** Goes down; done at the end. A mode not above the one in force changes nothing. */
  Future<ShutdownReport> shutdown(ShutdownMode mode);

  /** A fast shutdown. */
  default Future<ShutdownReport> close() {
    return shutdown(ShutdownMode.FAST);
  }

  /** Completes when the postmaster has ended, whoever asked for it. */
  Future<ShutdownReport> ended();
}
