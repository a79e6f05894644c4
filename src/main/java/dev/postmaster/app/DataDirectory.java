package dev.postmaster.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The data directory, owned by one postmaster at a time. A lock that the kernel holds for us is
 * released by any death; the pid beside it is only told to whoever comes second.
 */
final class DataDirectory implements AutoCloseable {

  private static final String LOCK = ".journal.lock";
  private static final String PID = ".pid";

  private final Made made;
  private final Path pidFile;
  // Kept open for life: to close it anywhere in this JVM would lose the lock.
  private final FileChannel channel;

  private boolean kept;

  private DataDirectory(Made made, Path pidFile, FileChannel channel) {
    this.made = made;
    this.pidFile = pidFile;
    this.channel = channel;
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
      return lockIn(made, directory, name);
    } catch (IOException refused) {
      try {
        made.remove();
      } catch (IOException left) {
        refused.addSuppressed(left);
      }
      throw refused;
    }
  }

  private static DataDirectory lockIn(Made made, Path directory, String name) throws IOException {
    Path lockFile = directory.resolve(name + LOCK);
    refuseOthers(directory, lockFile);
    FileChannel channel = open(lockFile);
    if (!lock(channel)) {
      channel.close();
      throw new IOException(lockedBy(directory, lockFile));
    }
    Path pidFile = directory.resolve(name + PID);
    try {
      Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
    } catch (IOException unwritable) {
      Files.deleteIfExists(pidFile);
      channel.close();
      throw new IOException("data directory " + directory + " cannot be written", unwritable);
    }
    return new DataDirectory(made, pidFile, channel);
  }

  /** What is in it stays from now on: the program has started. */
  void keep() {
    kept = true;
  }

  private static FileChannel open(Path lockFile) throws IOException {
    try {
      return FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException unwritable) {
      throw new IOException(
          "data directory " + lockFile.getParent() + " cannot be written", unwritable);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException sameJvm) {
      return false;
    }
  }

  /** One postmaster a directory, whatever its name. */
  private static void refuseOthers(Path directory, Path own) throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(directory, "*" + LOCK)) {
      for (Path other : locks) {
        if (!other.equals(own)) {
          try (FileChannel channel = open(other)) {
            if (!lock(channel)) {
              throw new IOException(lockedBy(directory, other));
            }
          }
        }
      }
    }
  }

  private static String lockedBy(Path directory, Path lockFile) {
    String name = lockFile.getFileName().toString().replace(LOCK, "");
    String pid = "unknown";
    try {
      pid = Files.readString(directory.resolve(name + PID), StandardCharsets.US_ASCII).strip();
    } catch (IOException unknown) {
      // Only said, never decided by.
    }
    return "data directory " + directory + " is used by postmaster \"" + name + "\", pid " + pid;
  }

  /** Gives it back; as it was found, unless it is to be kept. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(pidFile);
    if (!kept) {
      made.remove();
    }
    channel.close();
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
