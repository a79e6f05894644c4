package dev.postmaster.app;

import dev.postmaster.journal.DirectoryLock;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The data directory: made, taken, and as it was found again after a start that was refused. */
final class DataDirectory implements AutoCloseable {

  private final Made made;
  private final DirectoryLock lock;

  private boolean kept;

  private DataDirectory(Made made, DirectoryLock lock) {
    this.made = made;
    this.lock = lock;
  }

  /**
   * Makes the directory and takes it.
   *
   * @throws IOException with one line that says why it cannot be had
   */
  static DataDirectory take(Path directory, String name) throws IOException {
    Made made = new Made(directory);
    try {
      made.make();
      return new DataDirectory(made, DirectoryLock.take(directory, name));
    } catch (IOException refused) {
      try {
        made.remove();
      } catch (IOException left) {
        refused.addSuppressed(left);
      }
      throw refused;
    }
  }

  /** What is in it stays from now on: the program has started. */
  void keep() {
    kept = true;
  }

  /** Gives it back; as it was found, unless it is to be kept. */
  @Override
  public void close() throws IOException {
    if (!kept) {
      made.remove();
    }
    lock.close();
  }

  /** The directories that were not there before. */
  private static final class Made {

    private final Path directory;

    /** Innermost first. */
    private final List<Path> missing = new ArrayList<>();

    Made(Path directory) {
      this.directory = directory;
      for (Path d = directory; d != null && !exists(d); d = d.getParent()) {
        missing.add(d);
      }
    }

    private static boolean exists(Path path) {
      return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    void make() throws IOException {
      try {
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix) {
          var owner = PosixFilePermissions.fromString("rwx------");
          Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(owner));
        } else {
          Files.createDirectories(directory);
        }
      } catch (IOException unmakable) {
        throw new IOException("data directory " + directory + " cannot be made", unmakable);
      }
    }

    /** Removes them: all that is in the innermost is ours, of the others only what is empty. */
    void remove() throws IOException {
      if (missing.contains(directory) && exists(directory)) {
        try (Stream<Path> files = Files.walk(directory)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.deleteIfExists(file);
          }
        }
      }
      for (Path empty : missing) {
        try {
          Files.deleteIfExists(empty);
        } catch (DirectoryNotEmptyException used) {
          return;
        }
      }
    }
  }
}
