package dev.postmaster.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Postmaster;
import dev.postmaster.TransitionLog;
import dev.postmaster.journal.DamagedJournalException;
import dev.postmaster.journal.Inspection;
import dev.postmaster.runtime.Witness;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds every journal that a test leaves behind against the contract. Those of the journal's own
 * tests are left out, whose records no postmaster wrote, and so are files that are damaged.
 */
public final class Journals implements AfterEachCallback {

  private static final int PAGE = 1_000;
  private static final String OWN = "dev.postmaster.journal";

  /** In memory, or in a file; one that was never started left none. */
  static void check(Postmaster postmaster) {
    TransitionLog log;
    try {
      log = postmaster.transitions();
    } catch (IllegalStateException neverStarted) {
      return;
    }
    Witness witness = new Witness(true);
    long after = log.oldest() - 1;
    for (TransitionLog.Page page = log.read(after, PAGE);
        !page.transitions().isEmpty();
        page = log.read(page.next(), PAGE)) {
      page.transitions().forEach(witness::saw);
    }
    assertEquals(List.of(), witness.violations());
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    Object test = context.getRequiredTestInstance();
    if (test.getClass().getPackageName().equals(OWN)) {
      return;
    }
    for (Field field : test.getClass().getDeclaredFields()) {
      if (field.isAnnotationPresent(TempDir.class) && field.getType() == Path.class) {
        field.setAccessible(true);
        check((Path) field.get(test));
      }
    }
  }

  private static void check(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.filter(file -> file.toString().endsWith(".journal")).toList();
    }
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        checkFile(file);
      }
    }
  }

  private static void checkFile(Path file) throws IOException {
    Inspection read;
    try {
      read = Inspection.of(file, Integer.MAX_VALUE, OptionalInt.empty());
    } catch (DamagedJournalException meant) {
      return;
    }
    if (read.damages().isEmpty()) {
      assertEquals(List.of(), Witness.of(read), () -> "journal " + file);
    }
  }
}
