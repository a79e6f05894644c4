package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory and its lock; that of another process is {@code RefusedStartIT}'s. */
class DataDirectoryTest {

  @TempDir Path parent;

  private static String refused(Path directory, String name) {
    return assertThrows(IOException.class, () -> DataDirectory.take(directory, name)).getMessage();
  }

  @Test
  void itIsMadeForItsOwnerAlone() throws Exception {
    Path directory = parent.resolve("a/b");

    DataDirectory taken = DataDirectory.take(directory, "default");

    assertEquals(
        "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
    taken.close();
  }

  @Test
  void whileItIsTakenNobodyElseTakesItUnderWhateverName() throws Exception {
    DataDirectory taken = DataDirectory.take(parent, "default");
    long pid = ProcessHandle.current().pid();

    assertTrue(refused(parent, "default").endsWith("\"default\", pid " + pid));

    taken.close();
    assertFalse(Files.exists(parent.resolve("default.pid")));
    DataDirectory.take(parent, "other").close();
  }

  @Test
  void whatADeadProcessLeftDoesNotMatter() throws Exception {
    Files.writeString(parent.resolve("default.journal.lock"), "");
    Files.writeString(parent.resolve("default.pid"), "1\n");
    Files.writeString(parent.resolve("older.journal.lock"), "");

    DataDirectory.take(parent, "default").close();
  }

  @Test
  void aFileInItsPlaceIsSaidToBeOne() throws Exception {
    Path file = Files.writeString(parent.resolve("file"), "");

    assertTrue(refused(file, "default").contains("cannot be made"));
    assertTrue(refused(file.resolve("below"), "default").contains("cannot be made"));
  }

  @Test
  void whatIsNotKeptIsLeftAsItWas() throws Exception {
    Path directory = parent.resolve("a/b");
    DataDirectory taken = DataDirectory.take(directory, "default");
    Files.writeString(directory.resolve("postmaster.log"), "");

    taken.close();

    assertFalse(Files.exists(parent.resolve("a")));
  }

  @Test
  void whatIsKeptStaysAndWhatWasThereIsNeverRemoved() throws Exception {
    Path directory = parent.resolve("a/b");
    DataDirectory taken = DataDirectory.take(directory, "default");
    taken.keep();
    taken.close();
    Files.writeString(directory.resolve("mine"), "");

    DataDirectory.take(directory, "default").close();

    assertTrue(Files.exists(directory.resolve("mine")));
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsNotHalfMade() throws Exception {
    Path directory = parent.resolve("a/b");

    assertTrue(refused(directory, "x/y").contains("cannot be written"));

    assertFalse(Files.exists(parent.resolve("a")));
  }
}
