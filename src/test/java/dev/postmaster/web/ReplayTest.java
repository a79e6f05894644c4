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
