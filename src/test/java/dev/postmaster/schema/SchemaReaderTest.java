package dev.postmaster.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ArgsSchema;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.builtin.BuiltIn;
import dev.postmaster.examples.Examples;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** That vertx-json-schema works beside the core that we have, and what we ask of it. */
class SchemaReaderTest {

  private static final String SCHEMA =
      """
      {"type": "object",
       "properties": {
         "time": {"type": "string", "pattern": "^[0-9]+s$", "default": "1s"},
         "count": {"type": "integer", "minimum": 1, "maximum": 3},
         "list": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
         "either": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
         "at": {"type": "string", "format": "date-time"}},
       "required": ["time"],
       "additionalProperties": false,
       "$defs": {"entry": {"type": "object", "properties": {"a/b": {"enum": ["x", "y"]}}}}}
      """;

  private static ArgsSchema read(String schema) {
    return new SchemaReader().read(new JsonObject(schema));
  }

  private static Optional<String> fault(ArgsSchema schema, String args) {
    return schema.fault(new JsonObject(args));
  }

  /** Arguments, and what is said of them; nothing if they are right. */
  private record Case(String args, String fault) {}

  @TestFactory
  Stream<DynamicTest> theFirstBrokenRuleIsNamedWithItsFieldAndValue() {
    ArgsSchema schema = read(SCHEMA);
    return Stream.of(
            new Case("{'time': '1s', 'count': 2, 'either': true}", ""),
            new Case("{'time': '1s', 'list': [{'a/b': 'x'}], 'at': '2026-11-24T00:00:00Z'}", ""),
            new Case(
                "{}",
                "args: \"{}\" breaks #/required, instance does not have required property 'time'"),
            new Case(
                "{'time': 'soon'}",
                "args.time: \"soon\" breaks #/properties/time/pattern, string does not match"
                    + " pattern"),
            new Case(
                "{'time': 1}",
                "args.time: \"1\" breaks #/properties/time/type, instance type number is invalid."
                    + " Expected string"),
            new Case(
                "{'time': '1s', 'count': 4}",
                "args.count: \"4\" breaks #/properties/count/maximum, 4 is greater than 3"),
            new Case(
                "{'time': '1s', 'list': [{}, {'a/b': 'z'}]}",
                "args.list[1].a/b: \"z\" breaks #/properties/list/items/$ref/properties/a~1b/enum,"
                    + " instance does not match any of ['x','y']"),
            new Case(
                "{'time': '1s', 'either': 'neither'}",
                "args.either: \"neither\" breaks #/properties/either/anyOf, instance does not"
                    + " match any subschemas"),
            new Case(
                "{'time': '1s', 'at': 'noon'}",
                "args.at: \"noon\" breaks #/properties/at/format, string does not match format"
                    + " 'date-time'"),
            new Case(
                "{'time': '1s', 'tiem': '1s'}",
                "args.tiem: \"1s\" breaks #/additionalProperties, property 'tiem' does not match"
                    + " additional properties schema"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.args(),
                    () ->
                        assertEquals(
                            c.fault(),
                            fault(schema, c.args().replace('\'', '"'))
                                .orElse("")
                                .replaceAll("(?<=property |format )\"(\\w[\\w-]*)\"", "'$1'")
                                .replace("[\"x\",\"y\"]", "['x','y']"))));
  }

  private static String refusal(String schema) {
    return assertThrows(IllegalArgumentException.class, () -> read(schema)).getMessage();
  }

  @Test
  void whatIsNoSchemaIsRefusedInEveryDraft() {
    for (String dialect :
        List.of(
            "http://json-schema.org/draft-04/schema#",
            "http://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft/2019-09/schema",
            "https://json-schema.org/draft/2020-12/schema")) {
      String draft = "{\"$schema\": \"" + dialect + "\", ";
      assertEquals(Optional.empty(), fault(read(draft + "\"maxProperties\": 1}"), "{\"a\": 1}"));
      assertTrue(fault(read(draft + "\"maxProperties\": 1}"), "{\"a\": 1, \"b\": 2}").isPresent());
      for (String nonsense :
          List.of(
              "\"type\": \"objct\"}",
              "\"properties\": {\"a\": {\"maxLength\": \"x\"}}}",
              "\"properties\": {\"a\": 7}}",
              "\"properties\": {\"a\": {\"pattern\": \"(\"}}}",
              "\"required\": \"a\"}")) {
        String refusal = refusal(draft + nonsense);
        assertTrue(refusal.startsWith("schema."), refusal);
      }
    }
    assertTrue(refusal("{\"$schema\": \"http://example.org/mine\"}").contains("no known draft"));
  }

  @Test
  void whatNothingWouldCheckIsRefused() {
    assertEquals(
        "format: \"colour\" is not checked by anything",
        refusal("{\"properties\": {\"a\": {\"format\": \"colour\"}}}"));
    assertEquals(
        "$ref: \"urn:postmaster:args#/$defs/none\" is not in the schema, and nothing is fetched",
        refusal("{\"properties\": {\"a\": {\"$ref\": \"#/$defs/none\"}}}"));
    assertEquals("$dynamicRef: \"#a\" is not supported", refusal("{\"$dynamicRef\": \"#a\"}"));
    assertEquals(
        "$ref: the schema refers to itself without an end",
        refusal("{\"allOf\": [{\"$ref\": \"#\"}]}"));
  }

  @Test
  void aFieldMayBeNamedAsAKeywordAndAValueLookLikeOne() {
    ArgsSchema schema =
        read(
            "{\"properties\": {\"format\": {\"enum\": [{\"format\": \"colour\"}]},"
                + " \"$dynamicRef\": {\"const\": {\"$ref\": \"none\"}}}}");

    assertEquals(Optional.empty(), fault(schema, "{\"format\": {\"format\": \"colour\"}}"));
    assertEquals(Optional.empty(), fault(schema, "{\"$dynamicRef\": {\"$ref\": \"none\"}}"));
  }

  @Test
  void nothingThatASchemaRefersToIsEverFetched() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/schema.json";

      assertTrue(refusal("{\"$ref\": \"" + url + "\"}").contains("nothing is fetched"));
      assertTrue(refusal("{\"$schema\": \"" + url + "\"}").contains("no known draft"));
      ArgsSchema named = read("{\"$id\": \"" + url + "\", \"required\": [\"a\"]}");
      assertTrue(fault(named, "{}").isPresent());

      server.setSoTimeout(1);
      assertThrows(SocketTimeoutException.class, server::accept);
    }
  }

  @Test
  void argumentsThatNeverEndInASchemaAreRefused() {
    ArgsSchema schema =
        read(
            "{\"properties\": {\"a\": {\"$ref\": \"#/$defs/loop\"}},"
                + " \"$defs\": {\"loop\": {\"allOf\": [{\"$ref\": \"#/$defs/loop\"}]}}}");

    assertEquals(Optional.empty(), fault(schema, "{\"b\": 1}"));
    assertTrue(fault(schema, "{\"a\": 1}").orElse("").contains("cannot be applied"));
    assertEquals(Optional.empty(), fault(schema, "{\"b\": 1}"));
  }

  @Test
  void aSchemaThatContainsItselfIsAppliedAsDeepAsTheArgumentsAre() {
    ArgsSchema schema =
        read("{\"properties\": {\"next\": {\"$ref\": \"#\"}, \"n\": {\"type\": \"integer\"}}}");

    assertEquals(Optional.empty(), fault(schema, "{\"next\": {\"next\": {\"n\": 1}}}"));
    assertTrue(
        fault(schema, "{\"next\": {\"next\": {\"n\": \"x\"}}}")
            .orElse("")
            .startsWith("args.next.next.n: \"x\""));
  }

  @Test
  void theSchemaThatWasGivenStaysAsItIs() {
    JsonObject given = new JsonObject(SCHEMA);

    ArgsSchema schema = new SchemaReader().read(given);
    assertEquals(new JsonObject(SCHEMA), given);
    given.clear();

    assertTrue(fault(schema, "{}").isPresent());
  }

  @Test
  void manyThreadsAtOnceGetTheSameAnswers() throws Exception {
    ArgsSchema schema = read(SCHEMA);
    String expected = fault(schema, "{\"time\": \"1s\", \"list\": [{\"a/b\": 1}]}").orElseThrow();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<String> look =
          () -> {
            String last = "";
            for (int round = 0; round < 500; round++) {
              last = fault(schema, "{\"time\": \"1s\", \"list\": [{\"a/b\": 1}]}").orElse("none");
              if (!last.equals(expected)) {
                return last;
              }
            }
            return last;
          };
      for (Future<String> answer :
          threads.invokeAll(IntStream.range(0, 8).mapToObj(n -> look).toList())) {
        assertEquals(expected, answer.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void everySchemaThatWeShipIsOne() {
    SchemaReader reader = new SchemaReader();
    for (WorkerLibrary library : List.of(new BuiltIn(), new Examples())) {
      library.entryPoints().forEach(point -> reader.read(point.schema()));
    }
  }
}
