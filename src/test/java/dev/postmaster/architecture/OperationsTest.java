package dev.postmaster.architecture;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Holds {@code docs/OPERATIONS.md} to a scrape, and the dashboard and the alerts to that page: a
 * name that somebody watches is a contract.
 */
class OperationsTest {

  private static final Path PAGE = Path.of("docs/OPERATIONS.md");
  private static final Path DASHBOARD = Path.of("docs/grafana/postmaster.json");
  private static final Path RULES = Path.of("docs/alerts/postmaster.rules.yml");

  /** What Prometheus itself says of whatever it scrapes. */
  private static final String OF_PROMETHEUS = "up";

  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)\\})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern TAG = Pattern.compile("`(\\w+)` \\((\\d+)\\)");

  /** Words of PromQL that are no metrics. */
  private static final Set<String> WORDS =
      Set.of("by", "on", "and", "or", "unless", "without", "ignoring", "bool", "offset");

  /** A metric: its type, and its tags with how many values they have. */
  private record Family(String type, Map<String, Integer> tags) {}

  private static Map<String, Family> rows() throws IOException {
    Map<String, Family> rows = new TreeMap<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("| `postmaster_")) {
        String[] cells = line.split("\\|");
        assertEquals(6, cells.length, line);
        assertFalse(cells[5].isBlank(), line);
        Map<String, Integer> tags = new TreeMap<>();
        TAG.matcher(cells[4])
            .results()
            .forEach(tag -> tags.put(tag.group(1), Integer.valueOf(tag.group(2))));
        assertEquals(tags.isEmpty(), cells[4].isBlank(), line);
        String name = cells[1].strip().replace("`", "");
        Family before = rows.put(name, new Family(cells[2].strip(), tags));
        assertEquals(null, before, line);
      }
    }
    return rows;
  }

  /** What the server exports, by the names of its TYPE lines. */
  private static Map<String, Family> scraped(String text) {
    Map<String, String> types = new TreeMap<>();
    Map<String, Map<String, Set<String>>> values = new TreeMap<>();
    for (String line : text.split("\n")) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ");
        types.put(words[2], words[3]);
        values.put(words[2], new TreeMap<>());
      } else if (!line.startsWith("#")) {
        Matcher sample = SAMPLE.matcher(line);
        assertTrue(sample.matches(), line);
        Map<String, Set<String>> tags = values.get(family(sample.group(1), types));
        for (MatchResult label : LABEL.matcher(sample.group(2)).results().toList()) {
          tags.computeIfAbsent(label.group(1), key -> new HashSet<>()).add(label.group(2));
        }
      }
    }
    Map<String, Family> families = new TreeMap<>();
    types.forEach(
        (name, type) -> {
          Map<String, Set<String>> tags = values.get(name);
          assertEquals(Set.of("default"), tags.remove("postmaster"), name);
          assertEquals(type.equals("histogram"), tags.remove("le") != null, name);
          Map<String, Integer> counts = new TreeMap<>();
          tags.forEach((tag, of) -> counts.put(tag, of.size()));
          families.put(name, new Family(type, counts));
        });
    return families;
  }

  /** A sample of a histogram has a suffix of its own. */
  private static String family(String sample, Map<String, String> types) {
    String stem = sample.replaceFirst("_(bucket|count|sum)$", "");
    return "histogram".equals(types.get(stem)) ? stem : sample;
  }

  private static String scrape() throws Exception {
    try (Life life = Life.started()) {
      WebServer server =
          get(WebServer.start(life.vertx, life.postmaster, new WebOptions().setPort(0)));
      WebClient client = WebClient.create(life.vertx);
      while (true) {
        String text = get(client.get(server.port(), "127.0.0.1", "/metrics").send()).bodyAsString();
        if (text != null && text.contains("postmaster_feed_slow_total")) { // what is bound last
          return text;
        }
      }
    }
  }

  @Test
  void everyMetricOfAScrapeHasItsRowAndEveryRowItsMetric() throws Exception {
    assertEquals(rows(), scraped(scrape()));
  }

  @Test
  void noMetricHasMoreThanFortyValuesOfItsTagsTogether() throws IOException {
    rows()
        .forEach(
            (name, family) ->
                assertTrue(family.tags().values().stream().reduce(1, (a, b) -> a * b) <= 40, name));
  }

  /** The metrics that an expression of PromQL names, those of histograms without suffix. */
  private static Set<String> metrics(String expression, Map<String, Family> known) {
    String bare =
        expression
            .replaceAll("\\{[^}]*\\}|\\[[^\\]]*\\]", " ")
            .replaceAll("\\b(by|on|without|ignoring) ?\\([^)]*\\)", " ");
    Map<String, String> types =
        known.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().type()));
    return Pattern.compile("\\b[a-zA-Z_:][\\w:]*\\b(?! *\\()")
        .matcher(bare)
        .results()
        .map(MatchResult::group)
        .filter(word -> !WORDS.contains(word))
        .map(word -> family(word, types))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void assertKnown(String expression, Map<String, Family> known) {
    Set<String> used = metrics(expression, known);
    assertFalse(used.isEmpty(), expression);
    used.removeAll(known.keySet());
    used.remove(OF_PROMETHEUS);
    assertEquals(Set.of(), used, expression);
  }

  /** Every object below, and this one. */
  private static Stream<JsonObject> objects(Object node) {
    if (node instanceof JsonObject object) {
      return Stream.concat(
          Stream.of(object),
          object.fieldNames().stream().flatMap(key -> objects(object.getValue(key))));
    }
    return node instanceof JsonArray array
        ? array.stream().flatMap(OperationsTest::objects)
        : Stream.empty();
  }

  @Test
  void theDashboardShowsWhatThereIsOfTheChosenPostmaster() throws Exception {
    JsonObject dashboard = new JsonObject(Files.readString(DASHBOARD));
    Map<String, Family> known = rows();
    List<String> expressions =
        objects(dashboard).map(o -> o.getString("expr")).filter(e -> e != null).toList();

    assertTrue(expressions.size() > 30, () -> "only " + expressions.size());
    Set<String> shown = new TreeSet<>();
    for (String expression : expressions) {
      assertKnown(expression, known);
      shown.addAll(metrics(expression, known));
      assertTrue(
          Pattern.compile("\\{(?!instance=~\"\\$instance\",postmaster=~\"\\$postmaster\")")
              .matcher(expression)
              .results()
              .findAny()
              .isEmpty(),
          expression);
    }
    Set<String> hidden = new TreeSet<>(known.keySet());
    hidden.removeAll(shown);
    assertEquals(Set.of("postmaster_metrics_since_seconds"), hidden);
    assertEquals(
        List.of("datasource", "instance", "postmaster"),
        dashboard.getJsonObject("templating").getJsonArray("list").stream()
            .map(variable -> ((JsonObject) variable).getString("name"))
            .toList());
    objects(dashboard.getJsonArray("panels"))
        .filter(o -> o.containsKey("datasource"))
        .forEach(
            o -> assertEquals("${datasource}", o.getJsonObject("datasource").getString("uid")));
  }

  private static List<JsonObject> rules() throws IOException {
    Map<String, Object> file =
        new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(RULES));
    List<JsonObject> rules = new ArrayList<>();
    for (Object group : new JsonObject(file).getJsonArray("groups")) {
      JsonArray ofGroup = ((JsonObject) group).getJsonArray("rules");
      ofGroup.forEach(rule -> rules.add((JsonObject) rule));
    }
    return rules;
  }

  @Test
  void everyAlertIsWholeAndAsksForWhatThereIs() throws Exception {
    Map<String, Family> known = rows();
    for (JsonObject rule : rules()) {
      String alert = rule.getString("alert");
      assertKnown(rule.getString("expr"), known);
      assertTrue(rule.getString("for").matches("\\d+[smh]"), alert);
      assertTrue(
          Set.of("critical", "warning")
              .contains(rule.getJsonObject("labels").getString("severity")),
          alert);
      assertFalse(rule.getJsonObject("annotations").getString("summary").isBlank(), alert);
    }
  }

  @Test
  void everyAlertIsExplained() throws Exception {
    List<String> explained =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith("| `Postmaster"))
            .map(line -> line.split("`")[1])
            .toList();

    assertEquals(rules().stream().map(rule -> rule.getString("alert")).toList(), explained);
  }

  @Test
  void everythingThatThePagePointsToIsThere() throws Exception {
    Matcher links = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(Files.readString(PAGE));
    int found = 0;
    while (links.find()) {
      found++;
      assertTrue(Files.exists(Path.of("docs", links.group(1))), links.group(1));
    }
    assertTrue(found > 5);
  }
}
