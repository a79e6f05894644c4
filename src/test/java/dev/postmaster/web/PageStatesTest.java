package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to workers, as it is shown. */
class PageStatesTest extends InBrowser {

  private static final Duration LONG = Duration.ofHours(1);

  private static final int CRASHES = 20;

  /** Keeps what the tile's count-down says, and that of one that has but a second left. */
  private static final String COUNTED =
      """
      const {clock} = await import(new URL('assets/format.js', document.baseURI));
      const soon = document.createElement('count-down');
      soon.span = 1000;
      soon.due = clock.mono() + 1000;
      window.counted = [];
      window.ended = [];
      const note = () => {
        const long = $('.tile count-down')?.textContent;
        if (long && long !== counted.at(-1)) counted.push(long);
        if (soon.textContent !== ended.at(-1)) ended.push(soon.textContent);
      };
      new MutationObserver(note)
        .observe(document.body, {subtree: true, childList: true, characterData: true});
      document.body.append(soon);
      """;

  /** A wall clock that the test may turn, in a document that is yet to come. */
  private static final String TURNED =
      """
      (() => {
        const Real = Date;
        window.turnedMs = 0;
        window.Date = class extends Real {
          constructor(...a) { a.length === 0 ? super(Real.now() + turnedMs) : super(...a); }
          static now() { return Real.now() + turnedMs; }
        };
      })();
      """;

  /** What is shown, but for times that are counted from somewhere. */
  private static final String PICTURE =
      """
      const copy = $('main').cloneNode(true);
      $$('time-since, count-down', copy).forEach(e => e.remove());
      return copy.textContent.replace(/\\s+/g, ' ');
      """;

  @Test
  void aTileFollowsItsWorker() throws Exception {
    try (PageSite site = new PageSite(Life.options().setPhase(Phase.STARTUP))) {
      Puppet puppet = new Puppet();
      CountDownLatch made = new CountDownLatch(1);
      WorkerSpec spec =
          WorkerSpec.of(
              "walker",
              () -> {
                await(made);
                return puppet.main();
              });
      page.open(site.url());
      WorkerHandle handle =
          Life.get(site.life.postmaster.register(spec.restartAfter(Duration.ZERO)));
      page.untilTile("walker", "REGISTERED, waits: phase");
      page.untilText("#phase", "STARTUP");

      Life.get(site.life.postmaster.advance(Phase.RUN));
      page.untilTile("walker", "STARTING");
      page.untilText("#phase", "RUN");
      made.countDown();
      page.untilTile("walker", "RUNNING");
      Life.get(site.life.postmaster.pause(Target.all(), Optional.empty()));
      puppet.fail("first");
      page.untilTile("walker", "BACKOFF, paused");
      page.untilText(".tile .last", "FAILED 1: first");
      page.untilText(".tile .facts", "1 start · 1 failure");
      Life.get(site.life.postmaster.resume(Target.all()));
      page.untilTile("walker", "RUNNING");
      page.untilText(".tile .facts", "2 starts · 1 failure");
      Life.get(handle.terminate());
      page.untilNone(".tile");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException told) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aCountdownOnlyDecreasesWhateverTheWallClockSays() throws Exception {
    Map<String, Object> script =
        page.cdp("Page.addScriptToEvaluateOnNewDocument", Map.of("source", TURNED));
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      WorkerHandle waits = site.run(puppet.spec("waits").restartAfter(Duration.ofSeconds(50)));
      page.open(site.url());
      page.unlock();
      page.run(COUNTED);
      puppet.fail("it fell");
      page.until("counted.length > 1");
      page.run("turnedMs = 5 * 3600e3;");
      page.until("counted.length > 4");
      page.run("turnedMs = -26 * 3600e3;");
      page.until("ended.at(-1) === 'restart due'");
      long then = (Long) page.run("return counted.length;");
      page.until("counted.length > a[0] + 2", then);

      assertDecreases("counted", 50_000);
      assertDecreases("ended", 1_000);
      assertTrue(page.text(".tile .now").matches("restart in [0-9.]+ s ▓+░*"));
      // Neither is the operator locked out, nor is anything else older or younger for that.
      assertTrue(page.text(".right").startsWith("admin, locks in 14 min"), page.text(".right"));
      String up = page.text(".top .fact");
      assertTrue(up.matches("up [0-9.]+ m?s"), up);
      page.untilText("#link", "ms behind");
      assertEquals(1, waits.status().starts());
    } finally {
      page.cdp("Page.removeScriptToEvaluateOnNewDocument", script);
    }
  }

  /** Texts of a count-down; the last of those that came to an end says so. */
  private static void assertDecreases(String name, long fromMs) {
    List<?> texts = (List<?>) page.run("return window[a[0]];", name);
    List<Double> left =
        texts.stream()
            .map(Object::toString)
            .map(t -> t.equals("restart due") ? -1 : milliseconds(t.split("[▓░]")[0]))
            .toList();
    List<Double> sorted = new ArrayList<>(left);
    sorted.sort(java.util.Comparator.reverseOrder());
    assertEquals(sorted, left, texts::toString);
    assertTrue(left.get(0) <= fromMs && left.get(0) > fromMs / 2.0, texts::toString);
    assertTrue(left.stream().filter(ms -> ms < 0).count() <= 1, texts::toString);
  }

  private static double milliseconds(String text) {
    String[] words = text.split(" ");
    double n = Double.parseDouble(words[2]);
    return words[3].equals("ms") ? n : n * 1_000;
  }

  @Test
  void runsThatEndedAlikeAreCountedTogether() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.run(puppet.spec("falls"));
      page.open(site.url() + "?slot=0");
      page.untilText(".reasons", "No run has ended here.");
      puppet.fail("one");
      puppet.fail("other");
      puppet.fail("one");
      puppet.fail("one");
      puppet.throwUp("thrown");
      page.until("$$('.reasons li').length === 3");

      List<Transition> ends =
          site.life.watch.seen().stream().filter(t -> t.exit() != Exit.NONE).toList();
      String thrown = "FAILED 1: java.lang.IllegalStateException: thrown";
      assertEquals(
          List.of(
              counted("1 time " + thrown, ends.get(4), ends.get(4)),
              counted("3 times FAILED 1: one", ends.get(0), ends.get(3)),
              counted("1 time FAILED 1: other", ends.get(1), ends.get(1))),
          page.texts(".reasons li"));
      assertFalse((Boolean) page.run("return $('.stack').open;"));
      page.click(".stack summary");
      page.untilText(".stack pre", "IllegalStateException: thrown");
      page.untilText(".stack pre", "Puppet.");
      puppet.throwUp("thrown");
      page.untilText(".detail", thrown + " at ");
      page.untilText(".detail", "2 times in a row");
    }
  }

  private static String counted(String what, Transition first, Transition last) {
    return what + " first " + time(first) + " · last " + time(last);
  }

  private static String time(Transition transition) {
    return java.time.format.DateTimeFormatter.ofPattern("HH:mm:ss.SSS")
        .format(
            java.time.Instant.ofEpochMilli(transition.at())
                .atZone(java.time.ZoneId.systemDefault()));
  }

  @Test
  void aCrashCycleAndAnotherTenantStandInTheLanes() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      Life.get(site.idle("before").terminate());
      site.life.watch.await(t -> t.to() == WorkerState.FREE);
      site.run(puppet.spec("holder").flags(Flag.SHARED_MEMORY));
      site.run(WorkerSpec.of("friend", () -> Web::idle).flags(Flag.SHARED_MEMORY));
      page.open(site.url() + "?view=lanes&slot=0&sort=slot");
      puppet.crash("torn");
      page.until("fact('crash cycles') === '1'");
      for (String name : List.of("holder", "friend")) {
        site.life.watch.await(t -> t.name().equals(name) && t.cause() == Cause.STARTED, 2);
      }
      page.untilRecord(site.head());
      page.until(COLUMNS.formatted("--abandoned", "height * 0.7"));
      page.until(COLUMNS.formatted("--text", "20"));

      page.click(".view details summary");
      List<String> stretches = page.texts(".segments li");
      assertTrue(
          stretches.stream().anyMatch(s -> s.matches("RUNNING for .* generation 1, .*")),
          stretches::toString);
      assertTrue(
          stretches.stream()
              .anyMatch(s -> s.matches("REGISTERED for .*, generation 2, registered.*")),
          stretches::toString);
      assertTrue(
          stretches.stream().anyMatch(s -> s.contains("after CRASHED") && s.contains("torn")),
          stretches::toString);
      page.run("$('#grid').focus();");
      page.press(org.openqa.selenium.Keys.ARROW_RIGHT);
      page.untilText("#readout", "slot 0 RUNNING for");
      page.press(org.openqa.selenium.Keys.ARROW_DOWN);
      page.untilText("#readout", "slot 1 RUNNING for");
    }
  }

  /** Whether some column of the canvas has so many pixels of that colour. */
  private static final String COLUMNS =
      """
      (() => {
        const canvas = $('swim-lanes canvas'), {width, height} = canvas;
        const probe = document.createElement('canvas').getContext('2d');
        probe.fillStyle = getComputedStyle(canvas).getPropertyValue('%s').trim();
        probe.fillRect(0, 0, 1, 1);
        const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
        const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
        for (let x = 191; x < width; x++) {
          let n = 0;
          for (let y = 0; y < height; y++) {
            const at = 4 * (y * width + x);
            const off = [r, g, b].map((v, i) => Math.abs(v - data[at + i]));
            n += Math.max(...off) < 4 ? 1 : 0;
          }
          if (n >= %s) return true;
        }
        return false;
      })()
      """;

  @Test
  void everyCrashIsOnThePageAndItIsSaidHowSoon() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.run(puppet.spec("crasher"));
      page.open(site.url());
      page.run(
          """
          window.shownAt = {};
          new MutationObserver(() => {
            for (const row of $$('.records tr[data-seq]').slice(0, 20)) {
              shownAt[row.dataset.seq] ??= performance.timeOrigin + performance.now();
            }
          }).observe($('.records'), {subtree: true, childList: true, characterData: true,
            attributes: true});
          """);
      List<Double> behind = new ArrayList<>();
      for (int n = 1; n <= CRASHES; n++) {
        puppet.crash("n" + n);
        Transition end = site.life.watch.await(t -> t.exit() != Exit.NONE, n);
        Object shown = page.until("shownAt[a[0]]", end.seq());
        behind.add(((Number) shown).doubleValue() - end.at());
      }

      behind.sort(null);
      System.out.printf(
          "from the end of a run to its row: median %.0f ms, most %.0f ms of %d%n",
          behind.get(CRASHES / 2), behind.get(CRASHES - 1), CRASHES);
    }
  }

  @Test
  void aPauseFreezesThePictureAndGoingOnShowsAllInOrder() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.run(puppet.spec("falls"));
      page.open(site.url());
      page.untilTile("falls", "RUNNING");
      page.button("Pause");
      page.untilText("#banners", "0 changes held back");
      String frozen = page.run(PICTURE).toString();
      long before = site.head();

      puppet.fail("held");
      site.idle("later");
      site.life.watch.await(t -> t.starts() == 2 && t.to() == WorkerState.RUNNING);
      page.until("/ ([6-9]|1.) changes held back/.test(text('#banners'))");
      assertEquals(frozen, page.run(PICTURE));
      page.button("Go on");
      page.untilTile("later", "RUNNING");
      page.untilRecord(site.head());

      page.untilText(".tile[data-slot='0'] .facts", "2 starts · 1 failure");
      List<Long> exported = page.exported();
      assertEquals(LongStream.rangeClosed(1, site.head()).boxed().toList(), exported);
      assertTrue(site.head() >= before + 6);
    }
  }

  @Test
  void whoPausesTooLongAsksAnewAndTheJournalSaysWhatIsMissing() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("stays");
      page.open(site.url());
      page.untilTile("stays", "RUNNING");
      page.untilRecord(site.head());
      long before = site.head();
      page.button("Pause");
      int told = 0;
      while (!page.text("#banners").contains("too much has happened to keep")) {
        List<Future<Integer>> orders = new ArrayList<>();
        for (int n = 0; n < 300; n++) {
          orders.add(site.life.postmaster.pause(Target.type("nobody"), Optional.empty()));
        }
        Life.get(Future.all(orders));
        told += 300;
        page.until(
            "/too much/.test(text('#banners'))"
                + " || Number(text('#banners').replace(',', '').match(/([0-9]+) ch/)[1]) >= a[0]",
            told);
        assertTrue(told < 6_000, "it keeps them all");
      }
      site.idle("later");
      page.button("Go on");
      page.untilTile("later", "RUNNING");
      page.untilText(".gap", "records " + (before + 1) + " to ");
      page.untilText(".gap", "too many came during a pause");
      long held = Long.parseLong(page.text(".gap").replaceAll(".* to ([0-9]+) are.*", "$1"));
      site.idle("last");
      page.untilTile("last", "RUNNING");
      page.untilRecord(site.head());
      List<Long> exported = page.exported();
      List<Long> expected =
          LongStream.rangeClosed(1, site.head())
              .filter(n -> n <= before || n > held)
              .boxed()
              .toList();
      assertEquals(expected, exported);
    }
  }

  @Test
  void theJournalIsFilteredByItsOwnWords() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.run(puppet.spec("falls"));
      site.idle("stands");
      page.open(site.url());
      puppet.fail("one");
      site.life.watch.await(t -> t.starts() == 2 && t.to() == WorkerState.RUNNING);
      page.untilRecord(site.head());

      page.element("#journal-filter").sendKeys("cause:exit");
      page.until("$$('.records tr[data-seq]').length === 1");
      assertTrue(page.text(".records tr[data-seq]").contains("FAILED 1: one"));
      assertEquals(1, page.exported().size());
      assertTrue(page.run("return location.search;").toString().contains("journal=cause%3Aexit"));
      page.element("#journal-filter").clear();
      page.element("#journal-filter").sendKeys("name:stand*");
      page.until("$$('.records tr[data-seq]').length === 3");
      page.element("#journal-filter").clear();
      page.element("#journal-filter").sendKeys("state:odd");
      page.untilText(".journal .fault", "there is no state \"odd\"");
    }
  }

  @Test
  void aJournalThatIsOutOfOrderIsShown(@TempDir Path journal) throws Exception {
    try (PageSite site = new PageSite(Life.options().setJournalDirectory(journal))) {
      page.open(site.url());
      page.until("fact('journal') === '1'");
      try (RandomAccessFile file =
          new RandomAccessFile(journal.resolve("default.journal").toFile(), "rw")) {
        file.setLength(0);
      }
      while (Files.exists(journal.resolve("default.journal"))) {
        Life.get(
            Life.get(site.life.postmaster.register(WorkerSpec.of("w", () -> c -> {}))).awaitGone());
      }
      assertTrue(site.life.postmaster.transitions().isFaulted());

      page.open(site.url());
      page.until("fact('journal') === 'faulted, in memory only'");
    }
  }

  @Test
  void notReadyIsUnhealthyAndNobodyElseIs() throws Exception {
    try (PageSite site = new PageSite()) {
      CountDownLatch ready = new CountDownLatch(1);
      site.run(
          WorkerSpec.of(
                  "slow",
                  () ->
                      context -> {
                        await(ready);
                        context.ready();
                        Web.idle(context);
                      })
              .ready(dev.postmaster.Readiness.SAID)
              .startTimeout(LONG));
      page.open(site.url() + "?q=is:unhealthy");
      page.until("$('.tile')");
      ready.countDown();
      page.untilText(".empty", "None of 1 worker matches is:unhealthy");
      page.button("Show");
      page.untilTile("slow", "RUNNING");
    }
  }
}
