package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.By;
import dev.postmaster.Handle;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract §11: a reload for all. */
class ReloadTest {

  private final CoreRig rig = CoreRig.started();

  private void reload() {
    rig.core.signalAll(Signal.HUP, By.OPERATOR, rig.now());
  }

  @Test // T-215
  void aReloadReachesEveryRunAndChangesNobody() {
    Handle main = rig.running(worker("main"));
    Handle verticle = rig.running(worker("verticle").verticle());
    rig.fail(rig.running(worker("rests")));
    rig.register(worker("held").requires("nobody"));
    int mark = rig.effects.mark();

    reload();

    assertEquals(
        List.of(
            new Emitted.Signalled(rig.run(main), Signal.HUP),
            new Emitted.Signalled(rig.run(verticle), Signal.HUP)),
        rig.effects.since(mark));
  }

  @Test // T-215
  void aReloadIsForwardedDuringASmartShutdownAndNotOnceTheGateIsClosed() {
    rig.core.attach("client", rig.now());
    rig.running(worker("w"));
    rig.shutdown(ShutdownMode.SMART);
    reload();
    assertEquals(1, rig.effects.signals().size());

    rig.shutdown(ShutdownMode.FAST);
    reload();

    assertEquals(1, rig.effects.signals().size());
  }
}
