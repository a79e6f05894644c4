package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.PostmasterOptions;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * The page while every slot fails and is started again all the time: it goes on answering, and
 * keeps nothing of it. How long it lasts is counted in transitions, not in time.
 *
 * <p>{@code -Dpage.rate=2000 -Dpage.seconds=60} for more of it.
 */
@Tag("browser")
class PageStormTest {

  private static final int SLOTS = 1_024;
  private static final int RATE = Integer.getInteger("page.rate", 1_000);
  private static final int SECONDS = Integer.getInteger("page.seconds", 20);

  /** A cycle is an end, a launch and a start. */
  private static final Duration CYCLE = Duration.ofNanos(3_000_000_000L * SLOTS / RATE);

  private static final int TASK_MS = 100;
  private static final long HEAP = 20_000_000;

  private final AtomicBoolean storm = new AtomicBoolean();

  /** Fails as long as the storm lasts, else waits for it. */
  private void main(WorkerContext context) throws Exception {
    while (!storm.get()) {
      context.checkInterrupts();
      context.awaitLatch(Duration.ofHours(1));
    }
    context.awaitLatch(CYCLE.dividedBy(2));
    context.checkInterrupts();
    throw new IllegalStateException("in the storm");
  }

  private Web started() throws Exception {
    Web web =
        Web.started(
            new PostmasterOptions()
                .setMaxWorkers(SLOTS)
                .setMaxWorkerThreads(SLOTS)
                .setShutdownTimeout(Duration.ofSeconds(30)),
            new WebOptions());
    List<Future<?>> all = new ArrayList<>();
    for (int n = 0; n < SLOTS; n++) {
      all.add(
          web.postmaster
              .register(
                  WorkerSpec.of("worker-" + n, () -> this::main).restartAfter(CYCLE.dividedBy(2)))
              .compose(WorkerHandle::awaitStarted));
    }
    Life.get(Future.all(all));
    return web;
  }

  private static final String CALM =
      "while (document.querySelectorAll('.tile[data-state=RUNNING]').length < a[0]) {"
          + " await new Promise(requestAnimationFrame); } return true;";

  /** Every message is a task, and so is every frame; the browser tells of those over 50 ms. */
  private static final String WATCH =
      """
      window.tasks = {messages: 0, frames: 0, gaps: 0, long: [], behind: 0};
      new PerformanceObserver(list => list.getEntries().forEach(entry =>
        tasks.long.push(Math.round(entry.duration)))).observe({type: 'longtask'});
      const Socket = window.WebSocket;
      window.WebSocket = class extends Socket {
        constructor(...a) {
          super(...a);
          this.addEventListener('message', e => {
            tasks.messages++;
            tasks.gaps += e.data.startsWith('{"t":"gap"') ? 1 : 0;
          });
        }
      };
      const frame = window.requestAnimationFrame;
      window.requestAnimationFrame = draw => frame(at => {
        tasks.frames++;
        draw(at);
      });
      """;

  /** What the page has done, sorted from the longest task. */
  private record Tasks(long messages, long frames, long gaps, List<Long> longest) {

    @SuppressWarnings("unchecked")
    static Tasks of(JavascriptExecutor page) {
      Map<String, Object> found =
          (Map<String, Object>)
              page.executeScript(
                  "const t = window.tasks;"
                      + "window.tasks = {messages: 0, frames: 0, gaps: 0, long: []}; return t;");
      List<Long> longest = new ArrayList<>((List<Long>) found.get("long"));
      longest.sort(Comparator.reverseOrder());
      return new Tasks(
          (Long) found.get("messages"),
          (Long) found.get("frames"),
          (Long) found.get("gaps"),
          longest);
    }

    /** In milliseconds; 50 where it was not longer than that. */
    long percentile(double share, long of) {
      int beyond = (int) (of * (1 - share));
      return beyond < longest.size() ? longest.get(beyond) : 50;
    }
  }

  @Test
  void itStaysQuickAndKeepsNothing(@TempDir Path directory) throws Exception {
    try (Web web = started();
        Browser browser = new Browser(directory)) {
      ChromeDriver page = browser.driver();
      page.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WATCH));
      browser.open("http://127.0.0.1:" + web.server.port() + "/");
      assertEquals(true, browser.run(CALM, SLOTS));
      long before = heap(page);

      storm.set(true);
      Life.get(web.postmaster.signalAll(Signal.USR1));
      Tasks.of(page);
      long begin = web.postmaster.transitions().head();
      long end = begin + (long) RATE * SECONDS;
      awaitSeq(web, end);
      Tasks tasks = Tasks.of(page);
      storm.set(false);
      assertEquals(true, browser.run(CALM, SLOTS));
      long after = heap(page);

      System.out.println(
          "the page with "
              + SLOTS
              + " slots and "
              + RATE
              + " transitions a second for "
              + SECONDS
              + " s: "
              + tasks
              + ", p99 of frames "
              + tasks.percentile(0.99, tasks.frames())
              + " ms, of all tasks "
              + tasks.percentile(0.99, tasks.frames() + tasks.messages())
              + " ms; heap "
              + before
              + " bytes before, "
              + after
              + " after");
      assertEquals(0, tasks.gaps());
      // Of all tasks that could not fail: most are messages, and 20 s have no room for 260 of them.
      assertTrue(tasks.frames() > SECONDS, () -> "it hardly draws: " + tasks);
      assertTrue(tasks.percentile(0.9, tasks.frames()) <= TASK_MS, tasks::toString);
      assertTrue(after - before < HEAP);
    }
  }

  private static void awaitSeq(Web web, long seq) throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    Runnable deaf =
        web.postmaster.onTransition(
            t -> {
              if (t.seq() >= seq) {
                there.countDown();
              }
            });
    assertTrue(there.await(5, TimeUnit.MINUTES));
    deaf.run();
  }

  /** After all that can be collected was. */
  private static long heap(ChromeDriver page) {
    page.executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
    return ((Number) page.executeCdpCommand("Runtime.getHeapUsage", Map.of()).get("usedSize"))
        .longValue();
  }
}
