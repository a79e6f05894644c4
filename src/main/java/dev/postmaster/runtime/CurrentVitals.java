package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.Vitals;
import dev.postmaster.WorkerStatus;
import java.time.Duration;
import java.util.List;

/** The vital signs, each read where it is kept. */
record CurrentVitals(LoopBeat beat, PublishedTable table, Refusals refused) implements Vitals {

  @Override
  public boolean isAlive() {
    return beat.beats();
  }

  @Override
  public Duration sinceTurn() {
    return beat.since();
  }

  @Override
  public Duration lag() {
    return beat.worst();
  }

  @Override
  public int unready() {
    return table.unready().count();
  }

  @Override
  public List<WorkerStatus> unready(int limit) {
    return table.unready(limit);
  }

  @Override
  public long refusals(ErrorCode code) {
    return refused.count(code);
  }
}
