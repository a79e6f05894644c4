package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.EntryPoint;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** What the page does when two things come together that seldom do. */
class PageMomentsTest extends InBrowser {

  private static final String END_SESSION =
      """
      await fetch('api/v1/session', {method: 'DELETE',
        headers: {'Content-Type': 'application/json', 'X-Postmaster-Csrf': '1'}});
      """;

  private static PostmasterOptions options() {
    WorkerLibrary library =
        new WorkerLibrary() {
          @Override
          public String name() {
            return "lib";
          }

          @Override
          public List<EntryPoint> entryPoints() {
            return List.of(EntryPoint.of("plain", "waits", new JsonObject(), () -> Web::idle));
          }
        };
    return Life.options().addLibrary(library);
  }

  private static WebOptions closed() {
    return QuickWeb.heartbeat(Duration.ofMillis(200)).setRequireTokenForRead(true);
  }

  private void hide(boolean on) {
    page.run(
        on
            ? "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});"
            : "delete document.hidden;");
  }

  private void filter(String css, String text) {
    page.run("$(a[0]).value = a[1]; $(a[0]).dispatchEvent(new Event('input'));", css, text);
  }

  @Test
  void whereReadingNeedsATokenALockedPageAsksForIt() throws Exception {
    try (PageSite site = new PageSite(Life.options(), closed())) {
      site.idle("worker");
      page.cdp("Network.clearBrowserCookies", java.util.Map.of());
      page.go(site.url());
      page.showToken(Web.TOKEN);
      page.untilTile("worker", "RUNNING");
      page.button("Lock");

      page.untilText("#dialog-title", "A token is needed");
      page.button("Cancel");
      page.untilText("#banners .outage", "a token is needed; what is shown is old");
      assertEquals("grayscale(1)", page.run("return getComputedStyle($('.columns')).filter;"));
      page.button("Unlock");
      page.showToken(Web.TOKEN);
      page.untilLive();
      page.untilText(".right", "admin, locks in");
    }
  }

  @Test
  void aServerThatForgotTheSessionAsksForTheTokenAndNotForPatience() throws Exception {
    try (PageSite site = new PageSite(Life.options(), closed())) {
      site.idle("worker");
      page.cdp("Network.clearBrowserCookies", java.util.Map.of());
      page.go(site.url());
      page.showToken(Web.TOKEN);
      page.untilTile("worker", "RUNNING");
      site.stop();
      page.untilText("#link", "not connected");
      site.startAgain();

      page.untilText("#dialog-title", "A token is needed");
      page.untilText(".right", "viewer");
      page.showToken(Web.TOKEN);
      page.untilLive();
    }
  }

  @Test
  void whereEverybodyMayReadASessionThatEndsElsewhereTakesOnlyTheRole() throws Exception {
    try (PageSite site = new PageSite(options(), QuickWeb.heartbeat(Duration.ofMillis(200)))) {
      site.idle("worker");
      page.open(site.url());
      page.unlock();
      page.click("#register");
      page.until("$('#dialog [name=name]')");
      page.fill("name", "half");
      page.run(END_SESSION);

      page.untilText(".right", "viewer");
      page.untilLive();
      page.untilText("#dialog-title", "Register a worker");
      assertEquals("half", page.run("return $('#dialog [name=name]').value;"));
      page.button("Register");
      page.untilText("#dialog .fault", "token");
      page.button("Cancel");
      site.idle("later");
      page.untilTile("later", "RUNNING");
    }
  }

  @Test
  void whoPressesEnterTwiceRegistersOnce() throws Exception {
    try (PageSite site = new PageSite(options())) {
      page.open(site.url());
      page.unlock();
      page.click("#register");
      page.until("$('#dialog [name=name]')");
      page.fill("name", "one");
      page.run(
          """
          const form = $('#dialog form');
          form.requestSubmit();
          form.requestSubmit();
          """);

      page.until("!$('#dialog').open");
      page.untilTile("one", "RUNNING");
      Life.get(site.life.postmaster.register(WorkerSpec.of("after", () -> Web::idle)));
      page.untilTile("after", "RUNNING");
      assertEquals(
          List.of("one", "after"),
          site.life.postmaster.list().stream().map(w -> w.name()).toList());
    }
  }

  @Test
  void anAnswerThatComesLateClosesNoOtherDialog() throws Exception {
    try (PageSite site = new PageSite(options())) {
      site.idle("first");
      site.idle("second");
      page.open(site.url() + "?slot=0");
      page.unlock();
      page.run(
          """
          const ask = window.fetch;
          const held = new Promise(free => window.free = free);
          window.fetch = (to, how) => how.method === 'DELETE'
            ? ask(to, how).then(answer => held.then(() => answer)) : ask(to, how);
          """);
      page.button("Terminate…");
      page.untilText("#dialog-title", "Terminate first?");
      page.button("Terminate");
      page.button("Cancel");
      page.until("!$('#dialog').open");
      page.press("?");
      page.untilText("#dialog-title", "Keys");
      page.run("window.free(); await new Promise(requestAnimationFrame);");

      page.untilText(".detail", "Slot 0 is free");
      assertTrue((Boolean) page.run("return $('#dialog').open;"));
      assertEquals("Keys", page.text("#dialog-title"));
    }
  }

  @Test
  void theTitleOfAPageThatNobodySeesTellsTheWorst() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      page.until("document.title === '● · default'");
      hide(true);
      try {
        site.life.postmaster.register(
            WorkerSpec.of(
                    "fails",
                    () ->
                        context -> {
                          throw new IllegalStateException("at once");
                        })
                .restartAfter(Duration.ofHours(1)));
        page.until("document.title === '▲1 · default'");
        assertTrue(page.has(".empty"));
      } finally {
        hide(false);
      }
      page.untilTile("fails", "BACKOFF");
      page.press("p");
      page.until("document.title === '‖1 · default'");
    }
  }

  @Test
  void aFilterLeavesNobodyInByAWordThatMeansNothing() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("a, b");
      site.idle("b");
      site.idle("key: value");
      page.open(site.url());
      page.unlock();
      filter("#filter", "cause:exit");
      page.untilText(".fault", "there is no key \"cause\"");
      assertFalse(page.has("#several"));
      filter("#filter", "\"key: v\"");
      page.until("$$('.tile').length === 1 && text('.tile .name') === 'key: value'");
      filter("#filter", "name:\"a, b\"");
      page.until("$$('.tile').length === 1 && text('.tile .name') === 'a, b'");
      assertFalse(page.has(".fault"));
      filter("#journal-filter", "is:unhealthy");
      page.untilText(".journal .fault", "there is no key \"is\"");
    }
  }

  @Test
  void aListThatWasScrolledBeginsAtItsTopWhenItIsMadeAnew() throws Exception {
    try (PageSite site = new PageSite(Life.options().setMaxWorkers(80))) {
      for (int n = 0; n < 80; n++) {
        site.idle("worker-" + n);
      }
      page.open(site.url() + "?view=table&sort=slot");
      page.until("$('#grid tr[data-slot=\"0\"]')");
      page.run("$('#grid').scrollTop = 100000;");
      page.until("$('#grid tr[data-slot=\"79\"]') && !$('#grid tr[data-slot=\"0\"]')");
      page.press("1");
      page.until("$('.tile')");
      page.press("2");
      page.until("$('#grid tr[data-slot=\"0\"]')");
    }
  }

  @Test
  void aStackThatIsReadStaysWhenTheWorkerFailsAgain() throws Exception {
    LinkedBlockingQueue<String> why = new LinkedBlockingQueue<>();
    try (PageSite site = new PageSite()) {
      site.run(
          WorkerSpec.of(
                  "again",
                  () ->
                      context -> {
                        throw new IllegalStateException(why.take());
                      })
              .restartAfter(Duration.ZERO));
      why.add("the first");
      page.open(site.url() + "?slot=0");
      page.click(".stack summary");
      page.untilText(".stack pre", "the first");
      why.add("the second");
      page.untilText(".stack", "It has failed again since.");
      page.untilText(".stack pre", "the first");
      page.button("Ask for the last");
      page.untilText(".stack pre", "the second");
      page.until("!text('.stack').includes('failed again')");
    }
  }

  @Test
  void whoIsHeldAfterHisIntervalSaysByWhat() throws Exception {
    LinkedBlockingQueue<String> why = new LinkedBlockingQueue<>();
    try (PageSite site = new PageSite()) {
      WorkerHandle base = site.idle("base");
      site.run(
          WorkerSpec.of(
                  "held",
                  () ->
                      context -> {
                        throw new IllegalStateException(why.take());
                      })
              .restartAfter(Duration.ZERO)
              .requires("base"));
      Life.get(base.terminate());
      Life.get(base.awaitGone());
      why.add("without it");
      page.open(site.url());
      page.untilTile("held", "BACKOFF, waits: requires:base");
    }
  }

  @Test
  void endsAreCountedHoweverManyWorkersTheyAreOf() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      Object told =
          page.run(
              """
              const {History} = await import(new URL('assets/history.js', document.baseURI));
              const history = new History();
              for (let n = 0; n < 6000; n++) {
                history.add({seq: n, at: n, slot: n % 1500, generation: 1, name: `w${n % 1500}`,
                  from: 'RUNNING', to: 'BACKOFF', cause: 'exit', exit: 'FAILED', code: 1,
                  message: 'm'});
              }
              return history.reasons(null).map(r => `${r.name} ${r.count} ${r.first} ${r.last}`);
              """);
      assertEquals(List.of("null 6000 0 5999"), told);
    }
  }

  @Test
  void lanesThatAreScrolledKeepTheirTimeAndAreWalkedByRow() throws Exception {
    try (PageSite site = new PageSite(Life.options().setMaxWorkers(64))) {
      for (int n = 0; n < 60; n++) {
        Life.get(
            site.life.postmaster.register(
                WorkerSpec.ofVerticle("lane-" + n, () -> new io.vertx.core.VerticleBase() {})));
      }
      page.open(site.url() + "?view=lanes&sort=slot");
      page.until("$('swim-lanes canvas')?.clientHeight > 100");
      page.run("$('#grid').scrollTop = 480;");

      page.until(
          "Math.abs($('canvas').getBoundingClientRect().top"
              + " - $('#grid').getBoundingClientRect().top) < 3");
      page.run("$('#grid').focus();");
      page.until("document.activeElement === $('#grid')");
      for (int n = 0; n < 55; n++) {
        page.press("j");
      }
      page.untilText("#readout", "slot 55");
      page.until("$('#grid').scrollTop > 600");
    }
  }
}
