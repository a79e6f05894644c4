package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** Names and messages that would be more than text. */
class PageHostileTest extends InBrowser {

  private static final int NAME_BYTES = 95;

  private static final List<String> NAMES =
      List.of(
          "<img src=x onerror=ran()>",
          "\"quotes\" & 'more' <b>bold</b>",
          "zero\u200bwidth\ufeff",
          "${ran()} {{ran()}} javascript:ran()",
          "x".repeat(NAME_BYTES));

  private static final String MESSAGE =
      "<svg onload=ran()>\n\u001b[31mred\u001b[0m \u202egnp.exe \u2066\u200b\u0007 \"q\"";

  /** As the page must write it. */
  private static final String SHOWN =
      "<svg onload=ran()>\\u000a\\u001b[31mred\\u001b[0m \\u202egnp.exe "
          + "\\u2066\\u200b\\u0007 \"q\"";

  private static final Pattern UNSEEN =
      Pattern.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]");

  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                shown.append(
                    UNSEEN.matcher(Character.toString(c)).matches() || c == '\n'
                        ? "\\u%04x".formatted(c)
                        : Character.toString(c)));
    return shown.toString();
  }

  /** Nothing of it is an element, an attribute that does something, or invisible. */
  private void assertInert(String where) {
    assertEquals(
        List.of(),
        page.run(
            """
            const bad = ['img', 'svg', 'iframe', 'object', 'embed', '[onerror]', '[onload]',
              '#page script', '[style*="url"]', '.name b', '.name *', '#dialog-title *'];
            return $$(bad.join()).map(e => e.outerHTML);
            """),
        where);
    assertEquals(null, page.run("return window.ran;"), where);
    String text = (String) page.run("return document.body.textContent + document.title;");
    assertFalse(UNSEEN.matcher(text.replace("\n", "")).find(), where + text);
    Object attributes =
        page.run(
            """
            return $$('[title], [aria-label]').map(e => e.title + e.ariaLabel).join('')
              .replace(/\\n/g, ' ');
            """);
    assertFalse(UNSEEN.matcher((String) attributes).find(), where + attributes);
  }

  @Test
  void namesAndMessagesOfWorkersAreTextAndNothingElse() throws Exception {
    try (PageSite site = new PageSite()) {
      List<Puppet> puppets = new ArrayList<>();
      for (String name : NAMES) {
        Puppet puppet = new Puppet();
        site.run(puppet.spec(name).restartAfter(Duration.ofHours(1)));
        puppets.add(puppet);
      }
      page.console();
      page.open(site.url() + "?sort=slot");
      page.unlock();
      puppets.forEach(puppet -> puppet.fail(MESSAGE));
      page.until("$$('.tile[data-state=BACKOFF]').length === a[0]", NAMES.size());
      List<String> shown = NAMES.stream().map(PageHostileTest::shown).toList();

      assertEquals(shown, page.texts(".tile .name"));
      page.untilText(".tile .last", "FAILED 1: " + SHOWN);
      assertInert("tiles");
      page.click(".tile[data-slot='0']");
      page.untilText("#detail-title", shown.get(0));
      page.untilText(".reasons .message", SHOWN);
      assertInert("detail");
      page.button("Terminate…");
      page.untilText("#dialog-title", "Terminate " + shown.get(0) + "?");
      assertInert("dialog");
      page.button("Cancel");
      page.click("[data-view=table]");
      page.until("$('table.workers')");
      assertEquals(shown, page.texts("table.workers button.name"));
      assertInert("table");
      page.click("[data-view=lanes]");
      page.until("$('swim-lanes')");
      page.run("$('#grid').focus();");
      page.press(Keys.ARROW_RIGHT);
      page.untilText("#readout", "after FAILED 1: " + SHOWN);
      page.click(".view details summary");
      assertInert("lanes");
      List<String> journal = page.texts(".records tbody tr[data-seq] td:nth-child(4)");
      assertTrue(journal.containsAll(shown), journal::toString);
      page.click("[data-view=tiles]");
      page.element("#filter").sendKeys("is:unhealthy");
      page.button("Terminate 5 matches");
      page.untilText("#dialog .names", shown.get(1));
      assertInert("several");
      page.button("Cancel");
      assertEquals(List.of(), page.console());
      assertFalse(page.run("return document.title;").toString().contains("x".repeat(9)));
    }
  }

  @Test
  void whatARecordingSaysIsTextToo(@TempDir Path files) throws Exception {
    String hostile = "\u202e<img src=x onerror=ran()>\u001b[2J\n\u200b";
    JsonObject record =
        new JsonObject()
            .put("t", "transition")
            .put("slot", 0)
            .put("generation", 1)
            .put("runId", 2)
            .put("name", hostile)
            .put("type", hostile)
            .put("ready", false)
            .put("terminate", false)
            .put("starts", 1)
            .put("by", "code");
    List<String> lines =
        List.of(
            record
                .copy()
                .put("seq", 1)
                .put("at", 1_000L)
                .put("from", "FREE")
                .put("to", "REGISTERED")
                .put("cause", "registered")
                .encode(),
            record
                .copy()
                .put("seq", 2)
                .put("at", 1_000L)
                .put("from", "RUNNING")
                .put("to", "BACKOFF")
                .put("cause", "exit")
                .put("exit", "FAILED")
                .put("code", 1)
                .put("message", hostile)
                .encode(),
            record
                .copy()
                .put("seq", 3)
                .put("at", 1_000L)
                .put("slot", -1)
                .put("to", "RUN")
                .put("cause", "crash-begin")
                .put("message", hostile)
                .encode());
    Path file = Files.write(files.resolve("hostile.ndjson"), lines);
    try (PageSite site = new PageSite()) {
      page.open(site.url() + "?demo&slot=0");
      page.element("input[type=file]").sendKeys(file.toString());
      page.untilText(".tile .name", shown(hostile));
      page.untilText(".detail", shown(hostile));
      page.untilRecord(3);
      assertInert("recorded");
      page.click("[data-view=lanes]");
      page.until("$('swim-lanes')");
      page.run("$('#grid').focus();");
      page.press(Keys.ARROW_LEFT);
      page.untilText("#readout", "slot 0");
      assertInert("recorded lanes");
      page.click("[data-view=table]");
      page.until("$('table.workers')");
      assertInert("recorded table");
    }
  }

  @Test
  void aRequestFromElsewhereInTheAddressIsShownAndNotDone() throws Exception {
    try (PageSite site = new PageSite()) {
      Life.get(site.idle("worker").awaitStarted());
      page.open(site.url() + "?q=%E2%80%AE%3Cimg%20src=x%20onerror=ran()%3E");
      page.untilText(".empty", "None of 1 worker matches \\u202e<img src=x onerror=ran()>");
      assertInert("address");
    }
  }
}
