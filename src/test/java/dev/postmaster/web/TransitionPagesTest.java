package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.support.Life;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The journal over HTTP, page by page. */
class TransitionPagesTest {

  private static final String PATH = "/api/v1/transitions";

  private Web web;

  @BeforeEach
  void start() throws Exception {
    web = Web.started(Life.options().setJournalCapacity(256), new WebOptions());
    web.idle("a");
    web.idle("b");
    get(web.postmaster.shutdown(dev.postmaster.ShutdownMode.FAST));
  }

  @AfterEach
  void end() {
    web.close();
  }

  private JsonObject page(String query) throws Exception {
    return web.get(PATH + query).bodyAsJsonObject();
  }

  private List<String> all(String filter, int limit) throws Exception {
    List<String> all = new ArrayList<>();
    JsonObject page = page("?limit=" + limit + filter);
    while (!page.getJsonArray("transitions").isEmpty()) {
      JsonArray some = page.getJsonArray("transitions");
      assertTrue(some.size() <= limit);
      some.forEach(one -> all.add(((JsonObject) one).encode()));
      page = page("?limit=" + limit + filter + "&after=" + page.getString("next"));
    }
    return all;
  }

  private List<String> journal(java.util.function.Predicate<Transition> wanted) {
    return web.postmaster.transitionsAfter(0).transitions().stream()
        .filter(wanted)
        .map(transition -> StatusJson.transition(transition).encode())
        .toList();
  }

  @Test
  void pagesTogetherAreTheJournal() throws Exception {
    for (int limit : new int[] {1, 2, 3, 1_000}) {
      assertEquals(journal(t -> true), all("", limit));
    }
  }

  @Test
  void aSlotOrATypeIsSelectedAndTheOwnRecordsStay() throws Exception {
    assertEquals(journal(t -> t.own() || t.slot() == 1), all("&slot=1", 2));
    assertEquals(journal(t -> t.own() || t.type().equals("a")), all("&type=a", 2));
    assertEquals(journal(Transition::own), all("&type=nobody", 1));
  }

  @Test
  void anotherEpochIsAGapAndTheWholeJournal() throws Exception {
    JsonObject page = page("?after=01JDA3K5ZV7Q0000000000000A.5");

    assertEquals("epoch", page.getJsonObject("gap").getString("reason"));
    assertEquals(web.postmaster.epoch(), page.getString("epoch"));
    assertEquals(
        journal(t -> true),
        page.getJsonArray("transitions").stream().map(t -> ((JsonObject) t).encode()).toList());
  }

  @Test
  void whatTheJournalHasLostIsAGap() throws Exception {
    try (Web small = Web.started(Life.options().setJournalCapacity(256), new WebOptions())) {
      small.idle("w");
      for (int n = 0; n < 300; n++) {
        get(small.postmaster.pause(dev.postmaster.Target.all(), java.util.Optional.empty()));
        get(small.postmaster.resume(dev.postmaster.Target.all()));
      }
      long oldest = small.postmaster.transitions().oldest();

      JsonObject page =
          small.get(PATH + "?limit=5&after=" + small.postmaster.epoch() + ".1").bodyAsJsonObject();

      assertEquals(2, page.getJsonObject("gap").getLong("from"));
      long to = page.getJsonObject("gap").getLong("to");
      assertTrue(to >= oldest - 1, () -> to + " is before " + oldest);
      assertEquals("overrun", page.getJsonObject("gap").getString("reason"));
      assertEquals(to + 1, page.getJsonArray("transitions").getJsonObject(0).getLong("seq"));
      assertNull(small.get(PATH).bodyAsJsonObject().getValue("gap", 1));
    }
  }

  @Test
  void aCursorOfNonsenseIsABadRequest() throws Exception {
    String epoch = web.postmaster.epoch();
    for (String query :
        List.of(
            "?after=1",
            "?after=",
            "?after=" + epoch,
            "?after=" + epoch + ".-1",
            "?after=" + epoch + ".99999",
            "?after=" + epoch + ".1x",
            "?limit=0",
            "?limit=1001",
            "?limit=x",
            "?slot=x",
            "?slot=-2",
            "?limit=1&limit=2")) {
      assertProblem(400, "BAD_REQUEST", web.get(PATH + query));
    }
  }
}
