package dev.postmaster.web;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real browser, Debian's chromium; {@code evil.example} is 127.0.0.1 for it. */
final class Browser implements AutoCloseable {

  static final String EVIL = "evil.example";

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Path downloads;
  private final ChromeDriver driver;

  /** Starts it with nothing known, and its files in that directory. */
  Browser(Path directory) {
    this(directory, false);
  }

  /**
   * The same.
   *
   * @param network whether what it sends and gets is to be told, which takes its time
   */
  Browser(Path directory, boolean network) {
    downloads = directory.resolve("downloads");
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
        "--force-color-profile=srgb",
        "--font-render-hinting=none",
        "--user-data-dir=" + directory,
        "--host-resolver-rules=MAP " + EVIL + " 127.0.0.1");
    options.setExperimentalOption(
        "prefs", Map.of("download.default_directory", downloads.toString()));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    if (network) {
      logs.enable(LogType.PERFORMANCE, Level.ALL);
    }
    options.setCapability("goog:loggingPrefs", logs);
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

  /** Where it leaves what a page lets it save. */
  Path downloads() {
    return downloads;
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
