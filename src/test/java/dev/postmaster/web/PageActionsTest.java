package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.EntryPoint;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.support.Life;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What may be asked for from the page, by whom, and what is said of it. */
class PageActionsTest extends InBrowser {

  private static final JsonObject SCHEMA =
      new JsonObject(
          """
          {"type": "object",
           "properties": {
             "text": {"type": "string", "pattern": "^[a-z]+$", "description": "small letters"},
             "colour": {"enum": ["red", "green"]},
             "count": {"type": "integer", "minimum": 1, "maximum": 9},
             "share": {"type": "number"},
             "loud": {"type": "boolean"},
             "password": {"type": "string", "writeOnly": true},
             "list": {"type": "array", "items": {"type": "integer"}}},
           "required": ["text"]}
          """);

  private static final String POST =
      """
      const answer = await fetch(a[0], {method: a[1], body: a[2], headers: {
        'Content-Type': 'application/json', 'X-Postmaster-Csrf': '1'}});
      return `${answer.status} ${(await answer.json()).code}`;
      """;

  /** One that says what it was given, and waits. */
  private static final class Library implements WorkerLibrary {

    private final BlockingQueue<JsonObject> given = new LinkedBlockingQueue<>();

    @Override
    public String name() {
      return "lib";
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return List.of(
          EntryPoint.of("plain", "takes all", new JsonObject(), () -> Web::idle),
          EntryPoint.of(
              "typed",
              "takes each kind",
              SCHEMA,
              () ->
                  context -> {
                    given.add(context.args());
                    Web.idle(context);
                  }));
    }
  }

  private final Library library = new Library();

  private PostmasterOptions options() {
    return Life.options().addLibrary(library);
  }

  private void assertNothingMayBeDone() {
    assertFalse(page.has("#register"));
    assertFalse(page.has("#several"));
    assertFalse(page.has("button.danger"));
    assertFalse(page.text("main").contains("Terminate"));
    assertFalse(page.text("main").contains("Pause restarts"));
    assertFalse(page.text("footer").contains("terminate"));
    page.press("t");
    page.press("r");
    assertFalse((Boolean) page.run("return $('#dialog').open;"));
  }

  @Test
  void aViewerSeesNoButtonsAndIsRefusedWithoutThem() throws Exception {
    try (PageSite site = new PageSite(options())) {
      WorkerHandle worker = site.idle("worker");
      page.open(site.url() + "?slot=0&q=worker");
      page.untilText(".right", "viewer");

      assertNothingMayBeDone();
      long head = site.head();
      assertEquals("401 UNAUTHENTICATED", page.run(POST, "api/v1/pause", "POST", "{\"all\":true}"));
      assertEquals("401 UNAUTHENTICATED", page.run(POST, "api/v1/workers", "POST", "{}"));
      assertEquals(
          "401 UNAUTHENTICATED",
          page.run(POST, "api/v1/workers/" + worker.handle(), "DELETE", null));
      assertTrue(
          site.life.postmaster.transitionsAfter(head).transitions().stream()
              .allMatch(t -> t.cause() == Cause.REFUSED));
    }
    WebOptions embedded =
        new WebOptions()
            .setAuthentication(
                context -> {
                  ((io.vertx.ext.web.impl.UserContextInternal) context.userContext())
                      .setUser(User.fromName("looker"));
                  context.next();
                },
                user -> Role.VIEWER);
    try (PageSite site = new PageSite(options(), embedded)) {
      site.idle("worker");
      page.open(site.url() + "?slot=0&q=worker");
      page.untilTile("worker", "RUNNING");

      assertNothingMayBeDone();
      assertEquals("403 FORBIDDEN", page.run(POST, "api/v1/pause", "POST", "{\"all\":true}"));
    }
  }

  @Test
  void aTokenUnlocksAndLocksAgain() throws Exception {
    try (PageSite site = new PageSite(options())) {
      site.idle("worker");
      page.open(site.url() + "?slot=0");
      page.button("Unlock");
      page.showToken("wrong-token-of-some-length");
      page.untilText("#dialog .fault", "token");
      page.showToken(Web.TOKEN);
      page.untilText(".right", "admin, locks in 14 min");
      page.untilText(".detail", "Terminate…");
      assertEquals("", page.run("return document.cookie;"));
      assertFalse(page.run("return JSON.stringify(localStorage);").toString().contains(Web.TOKEN));
      page.untilLive();

      page.button("Pause restarts");
      page.untilText(".detail .state", "RUNNING, paused");
      page.button("Resume");
      site.life.watch.await(t -> t.cause() == Cause.RESUME);

      page.button("Lock");
      page.untilText(".right", "viewer");
      page.untilLive();
      assertNothingMayBeDone();
      assertEquals("401 UNAUTHENTICATED", page.run(POST, "api/v1/pause", "POST", "{\"all\":true}"));
    }
  }

  @Test
  void whereReadingNeedsATokenThePageAsksForItAtOnce() throws Exception {
    try (PageSite site = new PageSite(options(), new WebOptions().setRequireTokenForRead(true))) {
      site.idle("unseen");
      page.cdp("Network.clearBrowserCookies", java.util.Map.of());
      page.go(site.url());
      page.untilText("#dialog-title", "A token is needed");
      assertFalse(page.text("body").contains("unseen"), page.text("body"));
      page.showToken("wrong-token-of-some-length");
      page.untilText("#dialog .fault", "token");
      page.showToken(Web.TOKEN);
      page.untilTile("unseen", "RUNNING");
      page.until("!$('#dialog').open");
      page.untilRecord(site.head());

      page.go(site.url());
      page.untilTile("unseen", "RUNNING");
      page.untilText(".right", "admin, locks in");
      assertFalse((Boolean) page.run("return $('#dialog').open;"));
    }
  }

  @Test
  void aStaleHandleTerminatesNobodyAndTheDialogSaysWhoIsThere() throws Exception {
    try (PageSite site = new PageSite(options())) {
      WorkerHandle first = site.idle("first");
      page.open(site.url() + "?slot=0");
      page.unlock();
      page.button("Terminate…");
      page.untilText("#dialog", "Terminate first? Slot 0, generation 1.");
      Life.get(first.terminate());
      Life.get(first.awaitGone());
      WorkerHandle second = site.idle("second");
      page.untilTile("second", "RUNNING");

      page.button("Terminate");
      page.untilText("#dialog .fault", "slot 0 now runs second (gen 2); nothing was done");
      page.button("Cancel");
      page.until("!$('#dialog').open");
      assertFalse(second.status().terminate());

      page.button("Terminate…");
      page.untilText("#dialog", "Terminate second? Slot 0, generation 2.");
      Life.get(second.terminate());
      Life.get(second.awaitGone());
      page.untilNone(".tile");
      page.button("Terminate");
      page.until("!$('#dialog').open");
      page.untilText("#detail-title", "Slot 0 is free");
    }
  }

  @Test
  void severalAreTerminatedByTypingHowMany() throws Exception {
    try (PageSite site = new PageSite(options())) {
      for (String name : List.of("job-1", "job-2", "job-3", "other")) {
        site.idle(name);
      }
      page.open(site.url() + "?q=name:job*");
      page.unlock();
      page.button("Terminate 3 matches");
      page.untilText("#dialog .names", "job-3, slot 2, generation 1");
      page.fill("number", "2");
      page.button("Terminate 3");
      page.untilText("#dialog .fault", "type 3 to confirm");
      assertEquals(4, site.life.postmaster.status().slotsUsed());
      page.fill("number", "3");
      page.button("Terminate 3");

      page.until("!$('#dialog').open");
      page.untilText(".empty", "None of 1 worker matches");
      assertEquals(
          List.of("other"), site.life.postmaster.list().stream().map(w -> w.name()).toList());
    }
  }

  private void openRegister(String point) {
    page.click("#register");
    page.until("$('select[name=point]')");
    page.choose("point", point);
  }

  @Test
  void aWorkerIsRegisteredAsItsSchemaSays() throws Exception {
    try (PageSite site = new PageSite(options())) {
      page.open(site.url());
      page.unlock();
      openRegister("lib / typed");
      page.untilText("#dialog", "small letters");
      assertEquals("password", page.element("[name='arg:password']").getAttribute("type"));
      assertEquals("number", page.element("[name='arg:count']").getAttribute("type"));
      page.fill("name", "made");
      page.fill("arg:text", "WRONG");
      page.choose("arg:colour", "green");
      page.fill("arg:count", "7");
      page.fill("arg:share", "0.5");
      page.choose("arg:loud", "false");
      page.fill("arg:password", "secret");
      page.fill("arg:list", "[1,");
      page.fill("others", "{\"more\": {\"deep\": null}}");
      page.button("Register");
      page.untilText("#dialog .fault", "\"list\" must be JSON");
      page.fill("arg:list", "[1, 2]");
      page.button("Register");
      page.untilText("#dialog .fault", "text");
      assertEquals(0, site.life.postmaster.status().slotsUsed());
      page.fill("arg:text", "right");
      page.button("Register");

      page.until("!$('#dialog').open");
      page.untilTile("made", "RUNNING");
      page.untilText("#detail-title", "made");
      page.untilText(".detail", "lib / typed");
      assertEquals(
          new JsonObject()
              .put("text", "right")
              .put("colour", "green")
              .put("count", 7)
              .put("share", 0.5)
              .put("loud", false)
              .put("password", "secret")
              .put("list", new JsonArray().add(1).add(2))
              .put("more", new JsonObject().putNull("deep")),
          library.given.poll(20, TimeUnit.SECONDS));
      assertFalse(
          page.run("return document.documentElement.innerHTML;").toString().contains("secret"));
    }
  }

  @Test
  void whatIsAskedForIsNotShownBeforeItsRecordIsThere() throws Exception {
    try (PageSite site = new PageSite(options().setMaxWorkers(2))) {
      WorkerHandle first = site.idle("first");
      page.open(site.url() + "?slot=0");
      page.unlock();
      page.press("p");
      openRegister("lib / plain");
      page.fill("name", "second");
      page.button("Register");
      page.untilText("#dialog [role=status]", "it is shown when its record comes");
      site.life.watch.await(t -> t.name().equals("second") && t.cause() == Cause.STARTED);
      page.until("/[4-9] changes held back/.test(text('#banners'))");
      assertEquals(1, page.texts(".tile").size());
      page.button("Cancel");
      page.until("!$('#dialog').open");

      page.click(".detail .danger");
      page.button("Terminate");
      page.until("!$('#dialog').open");
      page.untilText(".detail .asked", "termination asked for");
      Life.get(first.awaitGone());
      page.untilText(".tile[data-slot='0'] .state", "RUNNING");
      page.untilText(".tile[data-slot='0'] .last", "termination asked for");
      page.button("Go on");
      page.untilTile("second", "RUNNING");
      page.untilNone(".tile[data-slot='0']");
      page.untilText("#detail-title", "Slot 0 is free");
      page.untilText(".detail", "first left it at");
    }
  }

  @Test
  void aRefusalIsToldInTheServersWords() throws Exception {
    try (PageSite site = new PageSite(options().setMaxWorkers(1))) {
      site.idle("only");
      page.open(site.url());
      page.unlock();
      openRegister("lib / plain");
      page.untilText("#dialog", "All 1 slots are used: it will be refused.");
      page.fill("name", "late");
      page.fill("restart", "5 minutes");
      page.button("Register");
      assertTrue((Boolean) page.run("return $('[name=restart]').matches(':invalid');"));
      page.fill("restart", "5m");
      page.button("Register");
      page.until("/slot/.test(text('#dialog .fault[role=alert]'))");
      assertTrue(
          page.text("#dialog [role=alert]").contains("1"), page.text("#dialog [role=alert]"));
      page.untilRecord(site.head());
      page.untilText(".records", "NO_FREE_SLOT");
      assertEquals(1, page.texts(".tile").size());
    }
  }
}
