package dev.postmaster.support;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Effects;
import dev.postmaster.core.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Keeps every effect in its order; a probe may look at the core while one is emitted. */
public final class RecordingEffects implements Effects {

  private final List<Emitted> trace = new ArrayList<>();
  private Consumer<Emitted> probe = effect -> {};

  /** Is called with each effect from now on, inside the event that emits it. */
  public void probe(Consumer<Emitted> looks) {
    probe = looks;
  }

  /** Everything, in order. */
  public List<Emitted> trace() {
    return trace;
  }

  /** What was emitted from that place of the trace on. */
  public List<Emitted> since(int mark) {
    return List.copyOf(trace.subList(mark, trace.size()));
  }

  public int mark() {
    return trace.size();
  }

  private <T extends Emitted> Stream<T> all(Class<T> kind) {
    return trace.stream().filter(kind::isInstance).map(kind::cast);
  }

  public List<Transition> records() {
    return all(Emitted.Recorded.class).map(Emitted.Recorded::transition).toList();
  }

  public List<Run> launches() {
    return all(Emitted.Launched.class).map(Emitted.Launched::run).toList();
  }

  public List<Emitted.Told> tells() {
    return all(Emitted.Told.class).toList();
  }

  public List<Emitted.Signalled> signals() {
    return all(Emitted.Signalled.class).toList();
  }

  public List<Run> interrupts() {
    return all(Emitted.Interrupted.class).map(Emitted.Interrupted::run).toList();
  }

  public List<Run> abandons() {
    return all(Emitted.Abandoned.class).map(Emitted.Abandoned::run).toList();
  }

  public List<Emitted.Answered> answers() {
    return all(Emitted.Answered.class).toList();
  }

  public List<Emitted.Notified> notifies() {
    return all(Emitted.Notified.class).toList();
  }

  public List<String> resets() {
    return all(Emitted.DomainReset.class).map(Emitted.DomainReset::domain).toList();
  }

  /** How often another turn was asked for. */
  public int agains() {
    return (int) all(Emitted.Again.class).count();
  }

  public List<Emitted.Ended> ends() {
    return all(Emitted.Ended.class).toList();
  }

  private void emit(Emitted effect) {
    trace.add(effect);
    probe.accept(effect);
  }

  @Override
  public void record(Transition transition) {
    emit(new Emitted.Recorded(transition));
  }

  @Override
  public void changed(int slot) {
    emit(new Emitted.Changed(slot));
  }

  @Override
  public void launch(Run run) {
    emit(new Emitted.Launched(run));
  }

  @Override
  public void tell(Run run, Cause reason) {
    emit(new Emitted.Told(run, reason));
  }

  @Override
  public void signal(Run run, Signal signal) {
    emit(new Emitted.Signalled(run, signal));
  }

  @Override
  public void interrupt(Run run) {
    emit(new Emitted.Interrupted(run));
  }

  @Override
  public void abandon(Run run) {
    emit(new Emitted.Abandoned(run));
  }

  @Override
  public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {
    emit(new Emitted.Answered(waiter, failure, status));
  }

  @Override
  public void notify(String address, WorkerStatus status) {
    emit(new Emitted.Notified(address, status));
  }

  @Override
  public void resetDomain(String domain) {
    emit(new Emitted.DomainReset(domain));
  }

  @Override
  public void again() {
    emit(new Emitted.Again());
  }

  @Override
  public void ended(boolean abnormal) {
    emit(new Emitted.Ended(abnormal));
  }
}
