package dev.postmaster.app;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.LoggerFactory;

/**
 * Where logs go: files under the data directory, and the console only if asked. Configured by
 * {@code conf/logback.xml} where it exists, else by the same file in the jar.
 */
final class Logs {

  private static final Path FILE = Path.of("conf", "logback.xml");

  private Logs() {}

  /** Nothing is logged before the configuration is known. */
  static void quiet() {
    context().reset();
    context().getLogger("ROOT").setLevel(ch.qos.logback.classic.Level.OFF);
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }

  /**
   * Opens the logs.
   *
   * @throws IOException if they cannot be
   */
  static void open(Path log, Path access, boolean console) throws IOException {
    checkWritable(log);
    checkWritable(access);
    LoggerContext context = context();
    context.reset();
    context.getStatusManager().clear();
    context.putProperty("log", log.toString());
    context.putProperty("access", access.toString());
    context.putProperty("console", console ? "INFO" : "OFF");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try (InputStream in = configuration()) {
      configurator.doConfigure(in);
    } catch (JoranException bad) {
      throw new IOException("log configuration: " + bad.getMessage(), bad);
    }
    // It throws for little, notes the rest, and goes on without what failed.
    for (Status status : context.getStatusManager().getCopyOfStatusList()) {
      if (status.getLevel() == Status.ERROR) {
        throw new IOException("log configuration: " + status.getMessage(), status.getThrowable());
      }
    }
  }

  private static void checkWritable(Path file) throws IOException {
    try {
      if (file.getParent() != null) {
        Files.createDirectories(file.getParent());
      }
      Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    } catch (IOException unwritable) {
      throw new IOException("log file " + file + " cannot be written", unwritable);
    }
  }

  private static InputStream configuration() throws IOException {
    return Files.isReadable(FILE)
        ? Files.newInputStream(FILE)
        : Logs.class.getResourceAsStream("/conf/logback.xml");
  }

  /** Writes out what is still waiting to be written. */
  static void close() {
    context().stop();
  }
}
