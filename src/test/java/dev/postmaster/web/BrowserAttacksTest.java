package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.web.WatchedSite.Seen;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What pages of others can do to a postmaster by way of the operator's browser, seen from the
 * server. A session's cookie knows no ports: a page of another server on this machine, which is
 * another origin but the same site, has the browser send it along.
 */
@Tag("browser")
class BrowserAttacksTest {

  private static final String SOCKET =
      """
      return await new Promise(done => {
        const socket = new WebSocket(a[0], 'postmaster.feed.v1+json');
        socket.onmessage = message => done(message.data);
        socket.onerror = () => done('refused');
      });
      """;

  private static final String FETCH =
      """
      const answer = await fetch(a[0], a[1]);
      return answer.type + ' ' + answer.status + ' ' + await answer.text();
      """;

  private static final String FORM =
      """
      const form = document.createElement('form');
      form.method = 'post'; form.action = a[0]; form.enctype = a[1];
      const field = document.createElement('input');
      field.name = a[2]; field.value = a[3];
      form.append(field); document.body.append(form); form.submit();
      """;

  private static final String ELEMENT =
      """
      return await new Promise(done => {
        const element = document.createElement(a[0]);
        element.onload = () => done('loaded');
        element.onerror = () => done('refused');
        element.rel = 'stylesheet'; element.src = a[1]; element.href = a[1]; element.data = a[1];
        document.body.append(element);
      });
      """;

  @TempDir static Path directory;

  private static Browser browser;

  private WatchedSite site;

  @BeforeAll
  static void open() {
    browser = new Browser(directory.resolve("profile"));
  }

  @AfterAll
  static void quit() {
    browser.close();
  }

  @BeforeEach
  void start() throws Exception {
    site = new WatchedSite();
  }

  @AfterEach
  void end() {
    browser.open("about:blank");
    site.close();
  }

  /** Origins that are not ours: another port, other names for this machine. */
  private List<String> foreign() {
    return List.of(
        "http://127.0.0.1:" + site.otherPort,
        "http://localhost:" + site.otherPort,
        "http://" + Browser.EVIL + ':' + site.otherPort,
        "http://localhost:" + site.port);
  }

  /** Our own page, where the operator shows his token. */
  private void login() throws Exception {
    browser.open(site.own() + WatchedSite.PAGE);
    browser.forgetCookies();
    Object answer =
        browser.run(
            FETCH,
            "/api/v1/session",
            post("application/json", "{\"token\":\"" + Web.TOKEN + "\"}"));
    assertTrue(answer.toString().contains("\"admin\""), answer::toString);
    site.forget();
  }

  private static java.util.Map<String, Object> post(String type, String body) {
    return java.util.Map.of(
        "method", "POST", "body", body, "headers", java.util.Map.of("Content-Type", type));
  }

  private void visit(String origin) {
    browser.open(origin + WatchedSite.PAGE);
    site.forget();
  }

  private String feed() {
    return "ws://127.0.0.1:" + site.port + "/feed";
  }

  @Test
  void ourOwnPageWithASessionDoesItAll() throws Exception {
    login();
    java.util.Map<String, Object> pause =
        java.util.Map.of(
            "method",
            "POST",
            "body",
            "{\"all\":true}",
            "headers",
            java.util.Map.of("Content-Type", "application/json", "X-Postmaster-Csrf", "1"));

    assertTrue(browser.run(FETCH, "/api/v1/status", null).toString().startsWith("basic 200 "));
    assertTrue(browser.run(SOCKET, feed()).toString().contains("\"t\":\"hello\""));
    assertEquals(
        "basic 202 {\"workers\":0}\n", browser.run(FETCH, "/api/v1/pause", pause).toString());
    assertEquals("", browser.run("return document.cookie;"), "a script can read the cookie");
    Object bare = browser.run(FETCH, "/api/v1/pause", post("application/json", "{\"all\":true}"));
    assertTrue(bare.toString().startsWith("basic 403 "), bare::toString);
  }

  @Test
  void aPageOfAnotherOriginCannotOpenTheFeed() throws Exception {
    login();
    for (String origin : foreign()) {
      visit(origin);

      assertEquals("refused", browser.run(SOCKET, feed()), origin);

      Seen seen = site.await(one -> one.path().equals("/feed"));
      assertEquals(403, seen.status(), origin);
      assertEquals(origin, seen.origin());
      assertEquals(origin.contains("127.0.0.1"), seen.cookie(), origin);
    }
    browser.open(site.own() + WatchedSite.PAGE);
    browser.forgetCookies();
    visit(foreign().get(0));
    assertEquals("refused", browser.run(SOCKET, feed()), "without a session");
    assertEquals(403, site.await(one -> one.path().equals("/feed")).status());
    assertFalse(site.seen().get(0).cookie());
  }

  @Test
  void aFormOfAnotherOriginChangesNothing() throws Exception {
    login();
    for (String origin : foreign()) {
      for (String type :
          List.of("application/x-www-form-urlencoded", "text/plain", "multipart/form-data")) {
        for (String path : List.of("/api/v1/pause", "/api/v1/session", "/api/v1/workers")) {
          visit(origin);

          browser.run(FORM, site.own() + path, type, "{\"all\":true,\"x\":\"", "\"}");

          Seen seen = site.await(one -> one.path().equals(path));
          assertEquals("POST", seen.method());
          assertEquals(origin.contains("127.0.0.1"), seen.cookie(), seen::toString);
          // The browser says that the page is another site's, before it is asked who sends it.
          assertEquals(403, seen.status(), seen::toString);
        }
      }
    }
    site.assertUnchanged();
  }

  @Test
  void aScriptOfAnotherOriginChangesNothing() throws Exception {
    login();
    String all = "{\"all\":true}";
    String pause = site.own() + "/api/v1/pause";
    for (String origin : foreign()) {
      for (String credentials : List.of("include", "omit")) {
        visit(origin);
        Object simple =
            browser.run(
                "a[1].credentials = a[2]; a[1].mode = 'no-cors';" + FETCH,
                pause,
                post("text/plain", all),
                credentials);
        assertEquals("thrown TypeError", simple, "not even that there was an answer is told");
        Seen seen = site.await(one -> one.method().equals("POST"));
        assertEquals(403, seen.status(), seen::toString);

        for (String change :
            List.of(
                "a[1].headers = {'Content-Type': 'application/json'};",
                "a[1].headers = {'X-Postmaster-Csrf': '1', 'Content-Type': 'text/plain'};",
                "a[1].headers = {'Authorization': 'Bearer x'};",
                "a[1] = {method: 'DELETE'};")) {
          visit(origin);
          Object answer =
              browser.run(
                  change + "a[1].credentials = a[2];" + FETCH,
                  pause,
                  post("text/plain", all),
                  credentials);
          assertEquals("thrown TypeError", answer, change);
          Seen asked = site.await(one -> one.method().equals("OPTIONS"));
          assertEquals(403, asked.status(), asked::toString);
          assertNotEquals("granted", asked.cors(), asked::toString);
          assertEquals(1, site.seen().size(), () -> "it was sent all the same: " + site.seen());
        }
      }
    }
    site.assertUnchanged();
  }

  @Test
  void aPageOfAnotherOriginReadsNothing() throws Exception {
    login();
    for (String origin : foreign()) {
      visit(origin);
      for (String path : site.paths()) {
        for (String mode : List.of("cors", "no-cors")) {
          for (String credentials : List.of("include", "omit")) {
            Object answer =
                browser.run(
                    FETCH,
                    site.own() + path,
                    java.util.Map.of("mode", mode, "credentials", credentials));
            assertEquals("thrown TypeError", answer, origin + path + mode);
          }
        }
      }
      assertFalse(site.seen().isEmpty(), "nothing was asked");
      assertTrue(site.seen().stream().noneMatch(one -> one.cors().equals("granted")));
      for (String element : List.of("script", "img", "link", "object")) {
        assertEquals(
            "refused", browser.run(ELEMENT, element, site.own() + "/api/v1/status"), element);
      }
    }
    site.assertUnchanged();
  }

  @Test
  void noPageFramesUs() throws Exception {
    login();
    for (String origin : List.of(foreign().get(0), foreign().get(1), site.own())) {
      for (String path : List.of("/api/v1/status", "/")) {
        visit(origin);

        browser.run(ELEMENT, "iframe", site.own() + path);

        boolean ours = origin.equals(site.own());
        int status = site.await(one -> one.path().equals(path)).status();
        // The browser says where the frame is from: both are trustworthy names of this machine.
        assertEquals(ours ? 200 : 403, status, origin + path);
        String text = browser.textOfFrame();
        assertFalse(text.contains("epoch") || text.contains("Unlock"), text);
      }
    }
  }

  @Test
  void aNameThatWasReboundToUsReachesNothing() throws Exception {
    String evil = "http://" + Browser.EVIL + ':' + site.port;
    visit(evil);
    for (String path : site.paths()) {
      for (String method : List.of("GET", "POST", "DELETE")) {
        site.forget();
        Object answer =
            browser.run(
                FETCH,
                path,
                java.util.Map.of(
                    "method",
                    method,
                    "headers",
                    java.util.Map.of(
                        "Content-Type", "application/json",
                        "X-Postmaster-Csrf", "1",
                        "Authorization", "Bearer " + Web.TOKEN)));
        assertTrue(answer.toString().startsWith("basic 403 "), () -> path + answer);
        assertFalse(answer.toString().contains(site.life.postmaster.epoch()), answer::toString);
        assertEquals(403, site.await(one -> one.method().equals(method)).status());
      }
    }
    site.forget();
    assertEquals("refused", browser.run(SOCKET, evil.replace("http", "ws") + "/feed"));
    assertEquals(403, site.await(one -> one.path().equals("/feed")).status());
    for (String path : site.paths()) {
      browser.open(evil + path);
      assertTrue(browser.text().contains("FORBIDDEN"), browser::text);
    }
    site.assertUnchanged();
  }
}
