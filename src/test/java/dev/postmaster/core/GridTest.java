package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.StartTime;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Walks {@code docs/GRID.md}: every situation of a worker times every event, each with its one
 * written outcome. The table is what was decided; run with {@code -Dgrid.print=true} to see what
 * happens instead.
 */
class GridTest {

  private static final Path TABLE = Path.of("docs/GRID.md");
  private static final String NOTHING = "nothing";

  @Test
  void everySituationTimesEveryEventHasItsWrittenOutcome() throws IOException {
    String seen = table();

    if (Boolean.getBoolean("grid.print")) {
      System.out.println(seen);
    }
    String written = Files.readString(TABLE);
    assertEquals(written.substring(written.indexOf("## ")), seen);
  }

  private static String table() {
    StringBuilder out = new StringBuilder();
    situations()
        .forEach(
            (title, situation) -> {
              out.append("## ").append(title).append("\n\n| event | outcome |\n| --- | --- |\n");
              events()
                  .forEach(
                      (name, event) -> {
                        World world = new World();
                        situation.accept(world);
                        out.append("| ").append(name).append(" | ");
                        out.append(world.outcome(event)).append(" |\n");
                      });
              out.append('\n');
            });
    return out.toString().stripTrailing() + "\n";
  }

  private static Map<String, Consumer<World>> situations() {
    Map<String, Consumer<World>> all = new LinkedHashMap<>();
    all.put("FREE, the tenant has gone", w -> w.running().gone(End.returned()));
    all.put("REGISTERED, held by its phase", w -> w.register(Readiness.AT_ONCE, Phase.STARTUP));
    all.put("STARTING", World::starting);
    all.put("RUNNING and ready", World::running);
    all.put("RUNNING, not ready yet", w -> w.register(Readiness.SAID, Phase.RUN).started());
    all.put("STOPPING, told to drain", w -> w.running().drain());
    all.put("STOPPING, interrupted", w -> w.running().drain().deadline());
    all.put("STOPPING, ended by itself with exit 0", w -> w.running().ended(End.exited(0, "")));
    all.put("STOPPING, ended by itself with a crash", w -> w.running().ended(End.exited(3, "")));
    all.put("BACKOFF, waits for its interval", w -> w.running().gone(End.threw("boom")));
    all.put("BACKOFF, held by a drain", w -> w.running().drain().gone(w.told()));
    all.put("ABANDONED", w -> w.running().drain().deadline().deadline());
    all.put("RUNNING, lost its readiness", w -> w.running().ready(false));
    all.put("REGISTERED, requires who is not there", World::requiring);
    all.put("BACKOFF, due, requires who is not ready", w -> w.requiring().lost());
    all.put("REGISTERED, after who is not ready", World::after);
    all.put("REGISTERED, paused", w -> w.paused().register(Readiness.AT_ONCE, Phase.RUN));
    all.put("BACKOFF, due and paused", w -> w.running().gone(End.threw("boom")).pause().deadline());
    all.put("RUNNING, a verticle", World::verticle);
    all.put("STOPPING, a verticle told by a signal", w -> w.verticle().signal(Signal.TERM));
    all.put("STOPPING, a verticle that failed", w -> w.verticle().ended(End.threw("boom")));
    return all;
  }

  private static Map<String, Consumer<World>> events() {
    Map<String, Consumer<World>> all = new LinkedHashMap<>();
    all.put("register, the same name again", w -> w.core.register(w.terms("w"), By.CODE, w.now));
    all.put("terminate", w -> w.core.terminate(w.handle, By.CODE, w.now));
    all.put("started", World::started);
    all.put("ready", w -> w.core.ready(w.run, true, w.now));
    all.put("not ready", w -> w.core.ready(w.run, false, w.now));
    all.put("extend start", w -> w.core.extendStart(w.run, w.now));
    all.put("extend stop", w -> w.core.extendStop(w.run, w.now));
    all.put("ended, exit 0, something left to close", w -> w.ended(End.exited(0, "")));
    all.put("gone, returned", w -> w.gone(End.returned()));
    all.put("gone, threw", w -> w.gone(End.threw("boom")));
    all.put("gone, crashed", w -> w.gone(End.crashed("boom")));
    all.put("gone, start failed", w -> w.gone(End.startFailed("boom")));
    all.put("gone after the tell", w -> w.gone(w.told()));
    all.put("gone after the interrupt", w -> w.gone(End.returned().afterTell(true)));
    all.put("gone, exit 0 after the tell", w -> w.gone(End.exited(0, "").afterTell(false)));
    all.put("gone, exit 1 after the tell", w -> w.gone(End.exited(1, "").afterTell(false)));
    all.put("gone, exit 3 after the tell", w -> w.gone(End.exited(3, "").afterTell(false)));
    all.put("late: gone of an earlier run", w -> w.core.gone(w.otherRun(), End.crashed(""), w.now));
    all.put("late: started of an earlier run", w -> w.core.started(w.otherRun(), w.now));
    all.put("its next deadline", World::deadline);
    all.put("a neighbour crashes", World::neighbourCrashes);
    all.put("who it waits for is ready", World::otherReady);
    all.put("pause all", World::pause);
    all.put("drain all", World::drain);
    all.put("resume all", w -> w.core.resume(Target.all(), By.OPERATOR, w.now));
    all.put("advance to RUN", w -> w.core.advance(Phase.RUN, By.CODE, w.now));
    all.put("signal TERM", w -> w.signal(Signal.TERM));
    all.put("signal HUP", w -> w.signal(Signal.HUP));
    all.put("shutdown smart, a client attached", World::smart);
    all.put("shutdown fast", w -> w.core.shutdown(ShutdownMode.FAST, By.CODE, w.now));
    all.put("shutdown immediate", w -> w.core.shutdown(ShutdownMode.IMMEDIATE, By.CODE, w.now));
    all.put("await started", w -> w.await(AwaitFor.STARTED));
    all.put("await ready", w -> w.await(AwaitFor.READY));
    all.put("await stopped", w -> w.await(AwaitFor.STOPPED));
    all.put("await gone", w -> w.await(AwaitFor.GONE));
    return all;
  }

  /** A core with the worker under test in slot 0 and a neighbour that shares its memory. */
  private static final class World implements Effects {

    final List<String> seen = new ArrayList<>();
    Supervisor core;
    Handle handle;
    Run run = new Run(0, 0, 0);
    Run neighbour;
    Run other;
    boolean hasOther;
    UnaryOperator<WorkerSpec> terms = spec -> spec;
    boolean isVerticle;
    boolean isPaused;
    long now = 1_000;

    World running() {
      starting();
      return started();
    }

    World starting() {
      return register(Readiness.AT_ONCE, Phase.RUN);
    }

    World register(Readiness ready, Phase phase) {
      core =
          new Supervisor(
              new SupervisorOptions(
                  "0123456789ABCDEFGHJKMNPQRS",
                  0,
                  Past.NONE,
                  3,
                  3,
                  1,
                  false,
                  true,
                  3,
                  Duration.ofMinutes(10).toNanos(),
                  Duration.ofSeconds(30).toNanos(),
                  phase,
                  true,
                  terms -> {}),
              this);
      core.open("", now);
      core.start(now);
      if (isPaused) {
        core.pause(Target.type("w"), Long.MAX_VALUE, By.OPERATOR, now);
      }
      WorkerSpec spec = terms.apply(spec("w").ready(ready));
      handle = core.register(isVerticle ? verticle(spec) : spec.terms(), By.CODE, now);
      core.register(spec("n").startAt(StartTime.POSTMASTER_START).terms(), By.CODE, now);
      core.started(neighbour, now);
      return this;
    }

    WorkerSpec spec(String name) {
      return WorkerSpec.of(name, () -> null)
          .flags(Flag.SHARED_MEMORY)
          .restartAfter(Duration.ofSeconds(5));
    }

    WorkerTerms terms(String name) {
      return spec(name).terms();
    }

    World started() {
      core.started(run, now);
      return this;
    }

    World ended(End end) {
      core.ended(run, end, now);
      return this;
    }

    World gone(End end) {
      core.gone(run, end, now);
      return this;
    }

    World ready(boolean ready) {
      core.ready(run, ready, now);
      return this;
    }

    World signal(Signal signal) {
      core.signal(handle, signal, By.CODE, now);
      return this;
    }

    World pause() {
      core.pause(Target.all(), Long.MAX_VALUE, By.OPERATOR, now);
      return this;
    }

    /** Before it is registered, so that it never started. */
    World paused() {
      isPaused = true;
      return this;
    }

    World verticle() {
      isVerticle = true;
      return running();
    }

    private static WorkerTerms verticle(WorkerSpec spec) {
      return spec.terms(Optional.of(new WorkerFactory.Verticle(() -> null)));
    }

    World requiring() {
      terms = spec -> spec.requires("other");
      return register(Readiness.AT_ONCE, Phase.RUN);
    }

    /** Whom it required was there, and is ready no more when it is due again. */
    World lost() {
      otherReady();
      started().gone(End.threw("boom"));
      core.ready(other, false, now);
      return deadline();
    }

    World after() {
      terms = spec -> spec.after("other");
      isPaused = true;
      register(Readiness.AT_ONCE, Phase.RUN);
      otherSaid();
      core.started(other, now);
      core.resume(Target.type("w"), By.OPERATOR, now);
      return this;
    }

    /** One that is ready when it says so. */
    void otherSaid() {
      WorkerSpec spec = WorkerSpec.of("other", () -> null).ready(Readiness.SAID);
      core.register(spec.terms(), By.CODE, now);
      hasOther = true;
    }

    void otherReady() {
      if (!hasOther) {
        otherSaid();
      }
      if (other != null) {
        core.started(other, now);
        core.ready(other, true, now);
      }
    }

    World drain() {
      core.drain(Target.of(handle), Long.MAX_VALUE, By.OPERATOR, now);
      return this;
    }

    World deadline() {
      if (core.nextWake() != Long.MAX_VALUE) {
        now = core.nextWake();
        core.wake(now);
      }
      return this;
    }

    void neighbourCrashes() {
      core.gone(neighbour, End.crashed("boom"), now);
    }

    void smart() {
      core.attach("client", now);
      core.shutdown(ShutdownMode.SMART, By.CODE, now);
    }

    void await(AwaitFor what) {
      core.await(handle, what, 1_000_000, "waiter", now);
      if (seen.isEmpty()) {
        seen.add("waits");
      }
    }

    End told() {
      return End.returned().afterTell(false);
    }

    Run otherRun() {
      return new Run(run.slot(), run.generation(), run.runId() - 1);
    }

    String outcome(Consumer<World> event) {
      seen.clear();
      long deadline = deadlineAt();
      try {
        event.accept(this);
      } catch (PostmasterException refused) {
        seen.add("refused " + refused.code());
      }
      long later = deadlineAt();
      if (seen.isEmpty() && later != deadline) {
        seen.add("deadline later by " + Duration.ofMillis(later - deadline).toSeconds() + " s");
      }
      return seen.isEmpty() ? NOTHING : String.join(", ", seen);
    }

    private long deadlineAt() {
      return core.status(0, now).map(WorkerStatus::deadlineAt).orElse(0L);
    }

    private void seen(Run of, String what) {
      if (of.slot() == 0) {
        seen.add(what);
      }
    }

    @Override
    public void record(Transition t) {
      if (t.slot() == 0) {
        String exit = t.exit() == dev.postmaster.Exit.NONE ? "" : " (" + t.exit() + ')';
        seen.add(t.from().word() + "→" + t.to().word() + ' ' + t.cause().word() + exit);
      } else if (t.own() && t.cause() == Cause.CRASH_BEGIN) {
        seen.add("cycle begins");
      }
    }

    @Override
    public void changed(int slot) {}

    @Override
    public void launch(Run launched) {
      if (launched.slot() == 0) {
        run = launched;
        seen.add("launch");
      } else if (launched.slot() == 1) {
        neighbour = launched;
      } else {
        other = launched;
      }
    }

    @Override
    public void tell(Run told, Cause reason) {
      seen(told, "tell");
    }

    @Override
    public void signal(Run of, Signal signal) {
      seen(of, "signal " + signal);
    }

    @Override
    public void interrupt(Run of) {
      seen(of, "interrupt");
    }

    @Override
    public void abandon(Run of) {
      seen(of, "abandon");
    }

    @Override
    public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {
      seen.add("answered " + failure.map(ErrorCode::name).orElse("yes"));
    }

    @Override
    public void notify(String address, WorkerStatus status) {}

    @Override
    public void resetDomain(String domain) {
      seen.add("memory reset");
    }

    @Override
    public void again() {}

    @Override
    public void ended(boolean abnormal) {
      seen.add(abnormal ? "ended abnormal" : "ended");
    }
  }
}
