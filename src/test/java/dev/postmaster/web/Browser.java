package dev.postmaster.web;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A real browser, Debian's chromium; {@code evil.example} is 127.0.0.1 for it. */
final class Browser implements AutoCloseable {

  static final String EVIL = "evil.example";

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final ChromeDriver driver;

  /** Starts it with nothing known, and its files in that directory. */
  Browser(Path directory) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + directory,
        "--host-resolver-rules=MAP " + EVIL + " 127.0.0.1");
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File("/usr/bin/chromedriver"))
            .usingAnyFreePort()
            .build();
    driver = new ChromeDriver(service, options);
    driver.manage().timeouts().scriptTimeout(PATIENCE).pageLoadTimeout(PATIENCE);
  }

  ChromeDriver driver() {
    return driver;
  }

  void open(String url) {
    driver.get(url);
  }

  String text() {
    return driver.findElement(By.tagName("body")).getText();
  }

  /** What a frame of the page shows. */
  String textOfFrame() {
    driver.switchTo().frame(0);
    String text = text();
    driver.switchTo().defaultContent();
    return text;
  }

  /**
   * Runs the body of an asynchronous function in the page, as the page's own script.
   *
   * @return what it returned, or the name of what it threw
   */
  Object run(String body, Object... arguments) {
    return driver.executeAsyncScript(
        "const done = arguments[arguments.length - 1]; const a = arguments;"
            + "(async () => {"
            + body
            + "})().then(done, e => done('thrown ' + e.name));",
        arguments);
  }

  void forgetCookies() {
    driver.manage().deleteAllCookies();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
