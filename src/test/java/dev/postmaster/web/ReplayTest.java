package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorded journal, told again without a server. */
@InBrowser.Network
class ReplayTest extends InBrowser {

  private static final String ENDED = "recording ended";

  private static final long RECORDED = lines();

  private static long lines() {
    try (java.io.InputStream demo =
        ReplayTest.class.getResourceAsStream("/dev/postmaster/web/dashboard/demo.ndjson")) {
      return new String(demo.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .count();
    } catch (java.io.IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }

  @Test
  void theRecordedJournalIsToldAndNobodyIsAsked() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("not-recorded");
      page.requests();
      page.console();
      page.open(site.url() + "?demo&speed=100");
      page.untilText("#banners", "A recorded journal, told again; nothing here is live.");
      page.until("$('.tile')");
      page.untilText("#link", ENDED);

      List<String> requests =
          page.requests().stream().filter(u -> u.matches("(http|ws).*")).toList();
      assertTrue(requests.stream().anyMatch(u -> u.endsWith("/assets/demo.ndjson")));
      assertEquals(
          List.of(),
          requests.stream().filter(u -> u.contains("/api/") || u.endsWith("/feed")).toList());
      assertEquals(List.of(), page.console());
      assertEquals(RECORDED, page.exported().size());
      assertTrue(
          page.texts(".tile .name").contains("memory-holder"), page.texts(".tile")::toString);
      assertEquals(
          List.of(), page.texts(".tile .name").stream().filter("not-recorded"::equals).toList());
      page.until("Number(fact('crash cycles')) >= 1");
      assertEquals(false, page.has("#register"));
      page.button("From the beginning");
      page.untilText("#link", "recorded, not live");
      page.until("$$('.records tr[data-seq]').length > 0");
    }
  }

  @Test
  void whatWasExportedCanBeToldAgain() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.run(puppet.spec("falls").restartAfter(java.time.Duration.ofHours(1)));
      puppet.fail("recorded once");
      page.open(site.url());
      page.untilTile("falls", "BACKOFF");
      page.untilRecord(site.head());
      page.button("Export");
      Path file = page.browser().downloads().resolve("postmaster-records.ndjson");
      await(file);
      long head = site.head();
      assertEquals(head, Files.readAllLines(file).size());

      page.go(site.url() + "?demo&speed=100");
      page.element("input[type=file]").sendKeys(file.toString());
      page.untilText("#link", ENDED);
      page.untilTile("falls", "BACKOFF");
      page.untilText(".tile .last", "FAILED 1: recorded once");
      assertEquals(head, page.exported().size());
    }
  }

  private static String registered(String epoch, int seq, int slot) {
    return new io.vertx.core.json.JsonObject()
            .put("t", "transition")
            .put("epoch", epoch)
            .put("seq", seq)
            .put("at", 1_796_036_389_453L + slot / 1_000)
            .put("slot", slot)
            .put("generation", 1)
            .put("name", "w-" + slot)
            .put("type", "t")
            .put("from", "FREE")
            .put("to", "REGISTERED")
            .put("cause", "registered")
            .put("by", "code")
            .encode()
        + "\n";
  }

  @Test
  void twoJournalsAreToldOneAfterTheOtherHoweverManySlotsTheyHave(@TempDir Path files)
      throws Exception {
    int slots = 130_000;
    StringBuilder lines = new StringBuilder();
    for (int slot = 0; slot < slots; slot++) {
      boolean first = slot < slots - 3;
      lines.append(registered(first ? "A" : "B", first ? slot + 1 : slot - slots + 4, slot));
    }
    Path file = Files.writeString(files.resolve("two.ndjson"), lines);
    try (PageSite site = new PageSite()) {
      page.open(site.url() + "?demo&speed=100");
      page.until("$('.tile')");
      page.element("input[type=file]").sendKeys(file.toString());

      page.until("fact('slots used') === '3 of 130,000'");
      page.untilText("#banners", "started again with a new journal");
      assertEquals(
          List.of("3", "2", "1", "gap", "129997"),
          page.run(
              "return $$('.records tbody tr:not(.space)').slice(0, 5)"
                  + ".map(row => row.dataset.seq ?? row.className);"));
    }
  }

  /** A download has a name of its own until it is whole. */
  private static void await(Path file) throws Exception {
    long end = System.nanoTime() + java.util.concurrent.TimeUnit.SECONDS.toNanos(20);
    while (!Files.exists(file)) {
      assertTrue(System.nanoTime() < end, "it was never saved");
      page.run("await new Promise(done => setTimeout(done, 20));");
    }
  }

  @Test
  void aFileThatIsNoRecordingIsSaid(@TempDir Path files) throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url() + "?demo&speed=100");
      page.until("$('.tile')");
      int number = 0;
      for (String broken :
          List.of(
              "{\"t\":\"transition\",\"seq\":1",
              "{\"t\":\"hello\"}",
              "",
              "null",
              "[1]",
              "{\"t\":\"transition\"}",
              "{\"t\":\"transition\",\"seq\":\"1\",\"at\":1,\"slot\":0}",
              "{\"t\":\"transition\",\"seq\":1,\"at\":1,\"slot\":0,\"cause\":\"<b>\"}",
              "{\"t\":\"transition\",\"seq\":1,\"at\":1,\"slot\":0,\"code\":\"\u202e\"}")) {
        String name = "broken-" + number++ + ".ndjson";
        Path file = Files.writeString(files.resolve(name), broken);
        page.element("input[type=file]").sendKeys(file.toString());
        page.untilText("#banners .outage", name + " is not a recording");
        page.until("$('.tile')");
      }
      page.untilText("#link", ENDED);
    }
  }
}
