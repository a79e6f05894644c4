package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.WorkerHandle;
import dev.postmaster.support.Life;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page without a pointer, and its address. */
class PageKeysTest extends InBrowser {

  private Object focused() {
    return page.run(
        "const e = document.activeElement; return e.id || e.dataset.slot || e.type || e.tagName;");
  }

  @Test
  void aWorkerIsFoundAndTerminatedWithTheKeyboardAlone() throws Exception {
    try (PageSite site = new PageSite()) {
      for (String name : List.of("alpha", "beta", "gamma")) {
        site.idle(name);
      }
      page.open(site.url());
      page.unlock();
      page.press("j");
      assertEquals("0", focused());
      page.press("j");
      assertEquals("1", focused());
      page.press("k", Keys.ARROW_RIGHT, Keys.ARROW_DOWN);
      assertEquals("2", focused());
      page.press("/");
      assertEquals("filter", focused());
      page.press("beta");
      page.until("$$('.tile').length === 1");
      page.escape();
      assertEquals("BODY", focused());
      page.press("j");
      assertEquals("1", focused());
      page.press(Keys.ENTER);
      page.untilText("#detail-title", "beta");
      page.press("t");
      page.untilText("#dialog-title", "Terminate beta?");
      page.until("document.activeElement.id === 'cancel'");
      page.press(Keys.ENTER);
      page.until("!$('#dialog').open");
      page.press("t");
      page.until("document.activeElement.id === 'cancel'");
      page.escape();
      page.until("!$('#dialog').open");
      assertEquals(3, site.life.postmaster.status().slotsUsed());

      page.press("t");
      page.until("document.activeElement.id === 'cancel'");
      page.press(Keys.TAB);
      assertEquals("submit", focused());
      page.press(Keys.ENTER);
      page.untilText("#detail-title", "Slot 1 is free");
      WorkerHandle gone = site.life.postmaster.find("alpha").orElseThrow();
      assertFalse(gone.status().terminate());
      assertTrue(site.life.postmaster.find("beta").isEmpty());
      page.run("document.activeElement.blur();");
      page.escape();
      page.untilNone(".detail");
      page.escape();
      page.until("$$('.tile').length === 2");
    }
  }

  @Test
  void keysAreSilentWhereOneWritesAndCanBeTurnedOff() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("worker");
      page.open(site.url());
      page.press("2");
      page.until("$('table.workers')");
      page.press("3");
      page.until("$('swim-lanes')");
      page.press("+");
      page.until("location.search.includes('t=5')");
      page.press("1");
      page.until("$('.tile')");
      page.press("/", "2p?j1r");
      assertEquals("2p?j1r", page.run("return $('#filter').value;"));
      assertFalse((Boolean) page.run("return $('#dialog').open;"));
      page.run("$('#filter').select();");
      page.press(Keys.BACK_SPACE, Keys.ESCAPE);
      page.until("$('.tile')");

      page.press("?");
      page.until("$('#dialog').open");
      page.click("#dialog input[type=checkbox]");
      page.escape();
      page.until("!$('#dialog').open");
      page.press("2");
      page.press("p");
      assertFalse((Boolean) page.run("return $('table.workers') || text('#banners') !== '';"));
      page.go(site.url());
      page.until("$('.tile')");
      page.press("2");
      page.press("?");
      assertFalse((Boolean) page.run("return $('#dialog').open || !$('.tile');"));
      page.button("?");
      page.click("#dialog input[type=checkbox]");
      page.escape();
      page.until("!$('#dialog').open");
      page.press("2");
      page.until("$('table.workers')");
    }
  }

  private void back() {
    page.browser().driver().navigate().back();
  }

  private void forward() {
    page.browser().driver().navigate().forward();
  }

  private void untilAddress(String search) {
    page.until("location.search === a[0]", search);
  }

  @Test
  void whatIsChosenStandsInTheAddressAndBackUndoesIt() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("alpha");
      site.idle("beta");
      page.open(site.url());
      page.untilTile("beta", "RUNNING");

      page.click("#filter");
      page.press("bet", Keys.TAB);
      untilAddress("?q=bet");
      page.click("[data-view=table]");
      untilAddress("?q=bet&view=table");
      page.choose("sort", "by name");
      untilAddress("?q=bet&view=table&sort=name");
      page.click("button.name");
      untilAddress("?q=bet&view=table&sort=name&slot=1");
      page.untilText("#detail-title", "beta");

      page.go(site.url() + "?q=bet&view=table&sort=name&slot=1");
      page.untilText("#detail-title", "beta");
      assertEquals("bet", page.run("return $('#filter').value;"));
      assertEquals("name", page.run("return $('select[name=sort]').value;"));
      assertEquals(1, page.texts("table.workers tr[data-slot]").size());
      back();
      untilAddress("?q=bet&view=table&sort=name");
      page.untilNone(".detail");
      back();
      back();
      untilAddress("?q=bet");
      page.until("$$('.tile').length === 1");
      page.click("[data-view=table]");
      untilAddress("?q=bet&view=table");
      back();
      untilAddress("?q=bet");
      back();
      untilAddress("");
      page.until("$$('.tile').length === 2 && $('#filter').value === ''");
      forward();
      untilAddress("?q=bet");
      page.until("$$('.tile').length === 1 && $('#filter').value === 'bet'");
    }
  }

  @Test
  void aBadAddressIsHarmless() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("alpha");
      page.console();
      for (String bad :
          List.of(
              "?view=<script>&sort=__proto__&slot=-1&t=NaN",
              "?slot=99999999&view=toString&sort=constructor&t=1e9",
              "?slot=63&t=60",
              "?q=state:%22%3Cimg%20src=x%3E%E2%80%AE",
              "?q=is:constructor&journal=state:__proto__",
              "?q=&q=&view=&sort=&slot=&t=&journal=&demo2")) {
        page.go(site.url() + bad);
        page.until(
            "a[0] && ($('.tile') || $('.view .empty') && !text('.view').includes('first picture'))",
            bad);
        page.untilLive();
        assertEquals(0L, page.run("return $$('img, .view script').length;"));
      }
      page.untilTile("alpha", "RUNNING");
      assertEquals(List.of(), page.console());
      Life.get(site.life.postmaster.find("alpha").orElseThrow().terminate());
    }
  }
}
