package dev.postmaster.web;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the dashboard in one browser; of each that fails there is a picture. */
@Tag("browser")
@ExtendWith(InBrowser.Picture.class)
abstract class InBrowser {

  static final int WIDTH = 1280;
  static final int HEIGHT = 900;

  @TempDir static Path directory;

  static Page page;

  static final class Picture implements TestExecutionExceptionHandler {

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
        throws Throwable {
      try {
        page.shoot("failed-" + context.getRequiredTestMethod().getName());
      } catch (RuntimeException noPicture) {
        failure.addSuppressed(noPicture);
      }
      throw failure;
    }
  }

  /** Tests that ask what the page asked for. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Network {}

  @BeforeAll
  static void openBrowser(TestInfo info) {
    boolean network = info.getTestClass().orElseThrow().isAnnotationPresent(Network.class);
    page = new Page(new Browser(directory.resolve("profile"), network));
  }

  @BeforeEach
  void ofUsualSize() {
    page.size(WIDTH, HEIGHT, 1);
  }

  /** A page that is left would go on asking a server that the next test may have at its port. */
  @AfterEach
  void leave() {
    page.go("about:blank");
  }

  @AfterAll
  static void quitBrowser() {
    page.browser().close();
  }
}
