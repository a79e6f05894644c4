package dev.postmaster.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The data directory, owned by one postmaster at a time. A lock that the kernel holds for us is
 * released by any death; the pid beside it is only told to whoever comes second.
 */
final class DataDirectory implements AutoCloseable {

  private static final String LOCK = ".journal.lock";
  private static final String PID = ".pid";

  private final Path pidFile;

  // Kept open for life: to close it anywhere in this JVM would lose the lock.
  private final FileChannel channel;

  private DataDirectory(Path pidFile, FileChannel channel) {
    this.pidFile = pidFile;
    this.channel = channel;
  }

  /**
   * Makes the directory and takes it.
   *
   * @throws IOException with one line that says why it cannot be had
   */
  static DataDirectory take(Path directory, String name) throws IOException {
    make(directory);
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
      channel.close();
      throw new IOException("data directory " + directory + " cannot be written", unwritable);
    }
    return new DataDirectory(pidFile, channel);
  }

  private static void make(Path directory) throws IOException {
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

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(pidFile);
    channel.close();
  }
}
