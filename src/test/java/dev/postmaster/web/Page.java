package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;

/**
 * The dashboard in a browser: what a test waits for in it, and does to it. Scripts have {@code $}
 * and {@code $$} to find elements, and their arguments in {@code a}.
 */
final class Page {

  private static final String TOOLS =
      """
      const a = arguments, done = a[a.length - 1];
      const $ = (q, of = document) => of.querySelector(q);
      const $$ = (q, of = document) => [...of.querySelectorAll(q)];
      const fact = name => $$('.strip div').find(d => $('dt', d).textContent.trim().endsWith(name))
        ?.lastElementChild.textContent.replace(/\\s+/g, ' ').trim() ?? '';
      const text = q => $(q)?.textContent.replace(/\\s+/g, ' ').trim() ?? '';
      """;

  private static final String WAIT =
      """
      const end = performance.now() + 20000;
      const look = () => {
        let found = null, fault = 'it was never so';
        try { found = (%s); } catch (e) { fault = String(e); }
        if (found) done({found});
        else if (performance.now() > end) done({fault, text: document.body.innerText});
        else setTimeout(look, 10);
      };
      look();
      """;

  private static final String AXE =
      """
      const options = {resultTypes: ['violations'], preload: false};
      const {violations} = await axe.run(document, options);
      return violations.map(v => v.id + ' ' + v.nodes.map(n =>
        n.target + ' ' + n.failureSummary).join('; '));
      """;

  /** Where pictures are always left, and where they are kept if that is asked for. */
  private static final Path SEEN = Path.of("target/screenshots");

  private static final String KEPT = System.getProperty("screenshots", "");

  private final Browser browser;

  Page(Browser browser) {
    this.browser = browser;
  }

  Browser browser() {
    return browser;
  }

  /** Opens it as somebody who was never here before, and waits for the first picture. */
  void open(String url) {
    cdp("Network.clearBrowserCookies", Map.of());
    go(url);
    until("$('.view') && !$('.view').textContent.includes('Waiting for the first picture')");
  }

  void go(String url) {
    browser.open(url);
  }

  /** Runs the body of an asynchronous function in the page; fails with what it throws. */
  Object run(String body, Object... arguments) {
    Object answer =
        browser
            .driver()
            .executeAsyncScript(
                TOOLS
                    + "(async () => {"
                    + body
                    + "})().then(found => done({found: found ?? null}), e =>"
                    + " done({fault: String(e), text: ''}));",
                arguments);
    return found(body, answer);
  }

  /** Waits until an expression is truthy, and returns it. */
  Object until(String expression, Object... arguments) {
    Object answer =
        browser.driver().executeAsyncScript(TOOLS + WAIT.formatted(expression), arguments);
    return found(expression, answer);
  }

  private static Object found(String what, Object answer) {
    Map<?, ?> map = (Map<?, ?>) answer;
    if (map.containsKey("fault")) {
      throw new AssertionError(what + "\n" + map.get("fault") + "\n" + map.get("text"));
    }
    return map.get("found");
  }

  /** Waits until the text of an element has that in it; spaces are one. */
  void untilText(String css, String part) {
    until("text(a[0]).includes(a[1])", css, part);
  }

  /** Waits until there is no such element. */
  void untilNone(String css) {
    until("$(a[0]) === null", css);
  }

  String text(String css) {
    return (String) run("return text(a[0]);", css);
  }

  @SuppressWarnings("unchecked")
  List<String> texts(String css) {
    return (List<String>)
        run("return $$(a[0]).map(e => e.textContent.replace(/\\s+/g, ' ').trim());", css);
  }

  boolean has(String css) {
    return (Boolean) run("return $(a[0]) !== null;", css);
  }

  WebElement element(String css) {
    return (WebElement) until("$(a[0])", css);
  }

  void click(String css) {
    click(element(css));
  }

  /** Where it is not under the header, which stays when the page is scrolled. */
  private void click(WebElement element) {
    run("a[0].scrollIntoView({block: 'center'});", element);
    element.click();
  }

  /** Presses the button that is seen and whose text begins so. */
  void button(String text) {
    String button =
        "$$(($('#dialog')?.open ? '#dialog ' : '') + 'button').find(b => b.checkVisibility()"
            + " && !b.disabled && b.textContent.trim().startsWith(a[0]))";
    click((WebElement) until(button, text));
  }

  /** Fills a field of the open dialog, or of the page, by its name. */
  void fill(String name, String value) {
    WebElement field = element("[name='" + name + "']");
    field.clear();
    field.sendKeys(value);
  }

  void choose(String name, String option) {
    run(
        """
        const select = $(`select[name="${a[0]}"]`);
        const option = [...select.options].find(o => o.textContent.trim() === a[1]);
        if (!option) throw new Error([...select.options].map(o => o.textContent).join());
        select.value = option.value;
        select.dispatchEvent(new Event('change', {bubbles: true}));
        """,
        name,
        option);
  }

  /** Keys, to whatever has the focus. */
  void press(CharSequence... keys) {
    new Actions(browser.driver()).sendKeys(keys).perform();
  }

  void escape() {
    press(Keys.ESCAPE);
  }

  /** Shows the token in the dialog that asks for it. */
  void unlock() {
    button("Unlock");
    showToken(Web.TOKEN);
    untilText(".right", "admin, locks in");
    until("$('#link').dataset.link === 'live'");
  }

  void showToken(String token) {
    until("$('#dialog')?.open && $('[name=token]')");
    fill("token", token);
    press(Keys.ENTER);
  }

  void untilLive() {
    until("$('#link')?.dataset.link === 'live'");
  }

  /** The state that a worker's tile shows: the word, and what is said with it. */
  void untilTile(String name, String state) {
    until(
        "$$('.tile').some(t => $('.name', t).textContent.trim() === a[0]"
            + " && $('.state', t).textContent.includes(a[1]))",
        name,
        state);
  }

  void theme(String theme) {
    run(
        """
        const select = $('.theme select');
        select.value = a[0];
        select.dispatchEvent(new Event('change', {bubbles: true}));
        """,
        theme);
    until("(document.documentElement.dataset.theme ?? 'system') === a[0]", theme);
  }

  /** The numbers of the records that the page would export, in its order. */
  List<Long> exported() {
    Object lines =
        run(
            """
            const make = URL.createObjectURL;
            let blob = null;
            URL.createObjectURL = b => (blob = b, make.call(URL, b));
            HTMLAnchorElement.prototype.click = () => {};
            $$('.journal button').find(b => b.textContent === 'Export').click();
            delete HTMLAnchorElement.prototype.click;
            URL.createObjectURL = make;
            return (await blob.text()).trim().split('\\n').map(line => JSON.parse(line).seq);
            """);
    return ((List<?>) lines).stream().map(n -> ((Number) n).longValue()).toList();
  }

  /** Waits until the page's journal ends with that record. */
  void untilRecord(long seq) {
    until("Number($('.records tr[data-seq]')?.dataset.seq) >= a[0]", seq);
  }

  /** What axe finds wrong with it, each with the elements and why. */
  void assertAccessible(String where) {
    if (!(Boolean) run("return 'axe' in window;")) {
      browser.driver().executeScript(axe());
    }
    assertEquals(List.of(), run(AXE), where);
  }

  private static String axe() {
    try (InputStream in = Page.class.getResourceAsStream("/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  Map<String, Object> cdp(String command, Map<String, Object> parameters) {
    return browser.driver().executeCdpCommand(command, parameters);
  }

  /** Makes the window so large, in CSS pixels, of so many device's pixels each. */
  void size(int width, int height, int ratio) {
    cdp(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", ratio, "mobile", false));
  }

  /** Media features that are so until the next call. */
  void media(Map<String, String> features) {
    List<Map<String, String>> list =
        features.entrySet().stream()
            .map(e -> Map.of("name", e.getKey(), "value", e.getValue()))
            .toList();
    cdp("Emulation.setEmulatedMedia", Map.of("features", list));
  }

  /** Takes a picture of what is seen. */
  void shoot(String name) throws IOException {
    write(SEEN, name);
  }

  /** The same, for the documentation, too, if that is asked for. */
  void portray(String name) throws IOException {
    shoot(name);
    if (!KEPT.isEmpty()) {
      write(Path.of(KEPT), name);
    }
  }

  private void write(Path directory, String name) throws IOException {
    Files.createDirectories(directory);
    byte[] png = browser.driver().getScreenshotAs(OutputType.BYTES);
    Files.write(directory.resolve(name + ".png"), png);
  }

  /** What the browser has logged since this was asked last: messages of the console, faults. */
  List<String> console() {
    return browser.driver().manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(entry -> entry.getLevel() + " " + entry.getMessage())
        .toList();
  }

  /** The addresses that were asked for since this was asked last, feeds among them. */
  List<String> requests() {
    Map<String, String> found = new LinkedHashMap<>();
    browser.driver().manage().logs().get(LogType.PERFORMANCE).getAll().stream()
        .map(entry -> new JsonObject(entry.getMessage()).getJsonObject("message"))
        .forEach(
            message -> {
              JsonObject about = message.getJsonObject("params");
              String id = about.getString("requestId");
              switch (message.getString("method")) {
                case "Network.requestWillBeSent" ->
                    found.put(id, about.getJsonObject("request").getString("url"));
                case "Network.webSocketCreated" -> found.put(id, about.getString("url"));
                default -> {}
              }
            });
    return List.copyOf(found.values());
  }
}
