package dev.postmaster.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes something nearly right of something right; the same of the same seed. */
final class Mutations {

  private static final List<String> ODD =
      List.of(
          "",
          " ",
          "\u0000",
          "\r\n",
          "%0d%0a",
          "%",
          "%zz",
          "%00",
          "%c0%ae",
          "..",
          "../",
          "..;/",
          "\\",
          "/",
          "//",
          "#",
          "#0",
          "%230",
          "?",
          "&",
          "=",
          ";",
          "'",
          "\"",
          "<b>",
          "${jndi:x}",
          "%n%s",
          "{0}",
          "{}",
          "\u001b[31m",
          "\u202e",
          "\u0085",
          "\ud800",
          "\ud83d\ude00",
          "null",
          "true",
          "-1",
          "0",
          "1e400",
          "-0",
          "2147483648",
          "9223372036854775808",
          "NaN",
          "*",
          "5s",
          "-5s",
          "99999999d",
          "java:comp/env",
          "service:x",
          "js:x",
          "file:///etc/passwd",
          "RUNNING");

  private final SplittableRandom random;

  Mutations(long seed) {
    random = new SplittableRandom(seed);
  }

  int next(int bound) {
    return random.nextInt(bound);
  }

  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  String odd() {
    return oneIn(40) ? any(ODD).repeat(1 + random.nextInt(3_000)) : any(ODD);
  }

  /** Changes a text in one to three places. */
  String text(String text) {
    String changed = text;
    for (int n = random.nextInt(3); n >= 0; n--) {
      changed = once(changed);
    }
    return changed;
  }

  private String once(String text) {
    int at = random.nextInt(text.length() + 1);
    int to = at + random.nextInt(text.length() - at + 1);
    String before = text.substring(0, at);
    return switch (random.nextInt(6)) {
      case 0 -> before + text.substring(to);
      case 1 -> before + odd() + text.substring(at);
      case 2 -> before + odd() + text.substring(to);
      case 3 -> before + (char) random.nextInt(0x100) + text.substring(at);
      case 4 -> before + text.substring(at, to) + text.substring(at);
      default -> before;
    };
  }

  /** Without what would end a line, and as bytes: for a place in the head of a request. */
  String inline(String text, String not) {
    StringBuilder out = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c < 0x100 && c != '\r' && c != '\n' && not.indexOf(c) < 0) {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** Changes an object in one to three of its places, however deep; or its text. */
  String json(JsonObject template) {
    JsonObject changed = template.copy();
    for (int n = random.nextInt(3); n >= 0; n--) {
      change(changed);
    }
    String text = changed.encode();
    return oneIn(5) ? text(text) : text;
  }

  private void change(JsonObject object) {
    List<String> names = new ArrayList<>(object.fieldNames());
    if (names.isEmpty() || oneIn(6)) {
      object.put(oneIn(2) ? odd() : "unknown", value());
      return;
    }
    String name = any(names);
    Object old = object.getValue(name);
    if (old instanceof JsonObject inner && !oneIn(3)) {
      change(inner);
    } else if (oneIn(5)) {
      object.remove(name);
    } else if (old instanceof String text && oneIn(2)) {
      object.put(name, text(text));
    } else {
      object.put(name, value());
    }
  }

  private Object value() {
    return switch (random.nextInt(12)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextInt();
      case 3 -> random.nextLong();
      case 4 -> random.nextDouble();
      case 5 -> new java.math.BigInteger("9".repeat(1 + random.nextInt(400)));
      case 6 -> new JsonArray().add(odd()).add(1).add(new JsonObject());
      case 7 -> new JsonObject().put(odd(), odd());
      case 8 -> deep(1 + random.nextInt(40));
      case 9 -> "x".repeat(oneIn(20) ? 70_000 : random.nextInt(300));
      default -> odd();
    };
  }

  private static Object deep(int levels) {
    Object inner = new JsonArray();
    for (int n = 0; n < levels; n++) {
      inner = new JsonArray().add(inner);
    }
    return inner;
  }
}
