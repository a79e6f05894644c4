package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Target;
import dev.postmaster.WorkerHandle;
import dev.postmaster.support.Life;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that goes, comes again, or is another one. */
class PageOutageTest extends InBrowser {

  /** As if the page had been open for a while: in its first seconds it says nothing aloud. */
  private static final String LATER =
      "const now = performance.now.bind(performance); performance.now = () => now() + 10000;";

  private static List<Long> upTo(long seq) {
    return LongStream.rangeClosed(1, seq).boxed().toList();
  }

  /** The numbers that the page has once it has so many, by the journals that they are of. */
  private static List<List<Long>> journals(long many) {
    page.until("$$('.records tr[data-seq]').length === a[0]", many);
    List<Long> all = page.exported();
    int begin = all.lastIndexOf(1L);
    return List.of(all.subList(0, begin), all.subList(begin, all.size()));
  }

  @Test
  void anOutageIsSaidAndNoRecordOfItIsMissingOrTwice() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.run(puppet.spec("falls"));
      WorkerHandle leaves = site.idle("leaves");
      page.open(site.url());
      page.untilTile("leaves", "RUNNING");

      site.stop();
      page.untilText(".outage", "what is shown is old");
      page.untilText(".outage", "Try 1 in");
      page.button("Now");
      page.until("/Try [2-9] in/.test(text('.outage'))");
      assertTrue(page.text(".outage").startsWith("No data for "), page.text(".outage"));
      page.untilText("#link", "not connected");
      page.untilTile("leaves", "RUNNING");
      page.until("getComputedStyle($('.columns')).filter === 'grayscale(1)'");

      puppet.fail("unseen");
      Life.get(leaves.terminate());
      Life.get(leaves.awaitGone());
      site.life.watch.await(t -> t.cause() == Cause.STARTED && t.starts() == 2);
      site.startAgain();
      page.run("$$('.outage button').find(b => b.textContent === 'Now')?.click();");

      page.untilLive();
      page.untilRecord(site.head());
      page.untilNone(".outage");
      page.untilNone(".tile[data-slot='1']");
      page.untilText(".tile[data-slot='0'] .facts", "2 starts · 1 failure");
      assertEquals(upTo(site.head()), page.exported());
      assertFalse(page.has(".gap"));
    }
  }

  @Test
  void anotherJournalIsSaidAndItsNumbersBeginAnew() throws Exception {
    WebOptions port;
    String url;
    try (PageSite site = new PageSite()) {
      site.idle("old");
      page.open(site.url());
      page.untilTile("old", "RUNNING");
      port = site.samePort();
      url = site.url();
    }
    page.untilText("#link", "not connected");
    try (PageSite site = new PageSite(Life.options(), port)) {
      assertEquals(url, site.url());
      site.idle("new");
      page.run("$$('.outage button')[0]?.click();");

      page.untilText("#banners", "started again with a new journal; numbers begin there");
      page.untilTile("new", "RUNNING");
      assertEquals(1, page.texts(".tile").size());
      page.untilText(".top", "epoch " + site.life.postmaster.epoch().substring(0, 8));
      assertEquals(List.of(upTo(8), upTo(site.head())), journals(8 + site.head()));
      assertEquals(1, page.texts(".gap").size());
      page.untilText(".gap td", "a new journal begins");
      page.click("#banners [aria-label=Dismiss]");
      page.until("text('#banners') === ''");
    }
  }

  @Test
  void anotherLifeOfTheSameJournalIsSaidAndGoesOn(@TempDir Path journal) throws Exception {
    WebOptions port;
    try (PageSite site = new PageSite(Life.options().setJournalDirectory(journal))) {
      site.idle("old");
      page.open(site.url());
      page.untilTile("old", "RUNNING");
      port = site.samePort();
    }
    page.untilText("#link", "not connected");
    try (PageSite site = new PageSite(Life.options().setJournalDirectory(journal), port)) {
      site.idle("new");
      page.run("$$('.outage button')[0]?.click();");

      page.untilText("#banners", "The postmaster was started again.");
      page.untilTile("new", "RUNNING");
      page.untilText("#phase", "RUN");
      assertEquals(1, page.texts(".tile").size());
      assertEquals(upTo(site.head()), page.exported());
      assertFalse(page.has(".gap"));
    }
  }

  @Test
  void aPauseOutlivesThePostmaster() throws Exception {
    WebOptions port;
    try (PageSite site = new PageSite()) {
      site.idle("old");
      page.open(site.url());
      page.untilTile("old", "RUNNING");
      page.untilRecord(4);
      page.button("Pause");
      port = site.samePort();
    }
    try (PageSite site = new PageSite(Life.options(), port)) {
      site.idle("new");
      page.run("$$('.outage button')[0]?.click();");
      page.untilLive();
      page.untilTile("old", "RUNNING");
      page.button("Go on");
      page.untilTile("new", "RUNNING");
      assertEquals(1, page.texts(".tile").size());
      page.untilText("#banners", "started again with a new journal");
      assertEquals(List.of(upTo(8), upTo(site.head())), journals(8 + site.head()));
    }
  }

  @Test
  void aJournalThatWasOverwrittenMeanwhileLeavesARow() throws Exception {
    try (PageSite site = new PageSite(Life.options().setMaxWorkers(4).setJournalCapacity(64))) {
      site.idle("stays");
      page.open(site.url());
      page.untilTile("stays", "RUNNING");
      page.untilRecord(site.head());
      long before = site.head();
      site.stop();
      page.untilText("#link", "not connected");
      for (int n = 0; n < 200; n++) {
        Life.get(site.life.postmaster.pause(Target.type("nobody"), Optional.empty()));
      }
      site.startAgain();
      page.run("$$('.outage button')[0]?.click();");

      page.untilText(".gap td", "records " + (before + 1) + " to ");
      page.untilText(".gap td", "the journal has overwritten them");
      page.untilTile("stays", "RUNNING");
      site.idle("later");
      page.untilRecord(site.head());
    }
  }

  @Test
  void aSessionThatEndedAsksForTheTokenAgain() throws Exception {
    try (PageSite site =
        new PageSite(
            Life.options(),
            QuickWeb.heartbeat(Duration.ofMillis(200)).setRequireTokenForRead(true))) {
      site.idle("worker");
      page.go(site.url());
      page.showToken(Web.TOKEN);
      page.untilTile("worker", "RUNNING");

      page.run(
          """
          await fetch('api/v1/session', {method: 'DELETE',
            headers: {'Content-Type': 'application/json', 'X-Postmaster-Csrf': '1'}});
          """);
      page.untilText("#dialog-title", "A token is needed");
      page.untilText("#link", "token needed");
      page.untilTile("worker", "RUNNING");
      page.showToken(Web.TOKEN);
      page.untilLive();
      site.idle("later");
      page.untilTile("later", "RUNNING");
    }
  }

  @Test
  void aServerThatIsGoneForGoodLeavesThePictureAndEverFewerTries() throws Exception {
    WebOptions port;
    Map<String, Object> script =
        page.cdp("Page.addScriptToEvaluateOnNewDocument", Map.of("source", LATER));
    try (PageSite site = new PageSite()) {
      site.idle("worker");
      page.open(site.url());
      page.untilTile("worker", "RUNNING");
      site.stop();
      port = site.samePort();
      page.untilText("#link", "not connected");
      for (int n = 2; n <= 6; n++) {
        page.button("Now");
        page.until("Number(text('.outage').match(/Try ([0-9]+) in/)?.[1]) >= a[0]", n);
      }
      page.untilTile("worker", "RUNNING");
      page.untilText("#said", "The connection to the postmaster is lost.");
      assertEquals("◌ · default", page.run("return document.title;"));
    }
    page.cdp("Page.removeScriptToEvaluateOnNewDocument", script);
    // What holds the port speaks no feed: it is tried again, and nothing of it is shown.
    io.vertx.core.Vertx vertx = io.vertx.core.Vertx.vertx();
    try {
      Life.get(
          vertx
              .createHttpServer()
              .requestHandler(request -> request.response().setStatusCode(500).end("<b>odd</b>"))
              .listen(port.port(), "127.0.0.1"));
      page.button("Now");
      page.until("Number(text('.outage').match(/Try ([0-9]+) in/)?.[1]) >= 7");
      page.untilTile("worker", "RUNNING");
    } finally {
      Life.get(vertx.close());
    }
  }
}
