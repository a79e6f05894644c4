package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Registrar;
import dev.postmaster.WorkerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What one library registers in its preload.
 *
 * <p>Threading: any; a library may do it from where it likes, but in time.
 */
final class Preload implements Registrar {

  private final String library;
  private final List<WorkerSpec> registered = new ArrayList<>();
  private int missing;
  private boolean over;

  Preload(String library) {
    this.library = library;
  }

  @Override
  public synchronized void register(WorkerSpec spec) {
    if (over) {
      throw PostmasterException.of(
          ErrorCode.STATIC_TOO_LATE, "preload of \"" + library + "\" is over");
    }
    if (spec == null) {
      missing++;
    } else {
      registered.add(spec);
    }
  }

  /** No more; hands over what there is. */
  synchronized void end(List<WorkerSpec> specs, List<String> failures) {
    over = true;
    specs.addAll(registered);
    if (missing > 0) {
      failures.add("libraries: preload of \"" + library + "\" registered null");
    }
  }
}
