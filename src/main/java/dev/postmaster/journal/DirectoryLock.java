package dev.postmaster.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * A directory owned by one postmaster at a time. A lock that the kernel holds for us is released by
 * any death; the pid beside it is only told to whoever comes second.
 *
 * <p>A program takes it early, and the postmaster that it starts shares it.
 *
 * <p>Threading: any.
 */
public final class DirectoryLock implements AutoCloseable {

  /** The end of the lock file's name; what is before it is the postmaster's. */
  public static final String SUFFIX = ".journal.lock";

  private static final String PID = ".pid";

  /** Those that this JVM holds: to open one of their files again would lose the lock. */
  private static final Map<Path, DirectoryLock> HELD = new HashMap<>();

  private final Path directory;
  private final String name;
  // Kept open for life: to close it anywhere in this JVM would lose the lock.
  private final FileChannel channel;
  private boolean isShared;
  private int holders = 1;

  private DirectoryLock(Path directory, String name, FileChannel channel) {
    this.directory = directory;
    this.name = name;
    this.channel = channel;
  }

  /**
   * Takes a directory that exists.
   *
   * @throws IOException with one line that says why it cannot be had
   */
  public static DirectoryLock take(Path directory, String name) throws IOException {
    synchronized (HELD) {
      Path real = directory.toRealPath();
      DirectoryLock held = HELD.get(real);
      if (held != null) {
        throw new IOException(lockedBy(directory, held.name));
      }
      DirectoryLock lock = lockIn(real, directory, name);
      HELD.put(real, lock);
      return lock;
    }
  }

  /**
   * Takes a directory that exists, or shares the lock that this JVM has taken under that name: one
   * may.
   *
   * @throws IOException with one line that says why it cannot be had
   */
  static DirectoryLock share(Path directory, String name) throws IOException {
    synchronized (HELD) {
      DirectoryLock held = HELD.get(directory.toRealPath());
      if (held != null && held.name.equals(name) && !held.isShared) {
        held.isShared = true;
        held.holders++;
        return held;
      }
      DirectoryLock own = take(directory, name);
      own.isShared = true;
      return own;
    }
  }

  private static DirectoryLock lockIn(Path real, Path directory, String name) throws IOException {
    Path lockFile = real.resolve(name + SUFFIX);
    refuseOthers(real, lockFile);
    FileChannel channel = open(lockFile);
    if (!lock(channel)) {
      channel.close();
      throw new IOException(lockedBy(directory, name));
    }
    Path pidFile = real.resolve(name + PID);
    try {
      Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
    } catch (IOException unwritable) {
      Files.deleteIfExists(pidFile);
      channel.close();
      throw new IOException("data directory " + directory + " cannot be written", unwritable);
    }
    return new DirectoryLock(real, name, channel);
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
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path other : locks) {
        if (!other.equals(own)) {
          try (FileChannel channel = open(other)) {
            if (!lock(channel)) {
              throw new IOException(
                  lockedBy(directory, other.getFileName().toString().replace(SUFFIX, "")));
            }
          }
        }
      }
    }
  }

  private static String lockedBy(Path directory, String name) {
    String pid = "unknown";
    try {
      pid = Files.readString(directory.resolve(name + PID), StandardCharsets.US_ASCII).strip();
    } catch (IOException unknown) {
      // Only said, never decided by.
    }
    return "data directory " + directory + " is used by postmaster \"" + name + "\", pid " + pid;
  }

  /** Gives it back, with the last of those who share it. */
  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      isShared = false;
      if (--holders == 0) {
        HELD.remove(directory);
        Files.deleteIfExists(directory.resolve(name + PID));
        channel.close();
      }
    }
  }
}
