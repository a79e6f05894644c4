package dev.postmaster.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A log that is open: it stays the same file, whatever becomes of its name.
 *
 * <p>Threading: the run's own thread.
 */
final class LogFile implements AutoCloseable {

  /** What a file is known by, besides its key. */
  static final int HEAD_BYTES_MAX = 256;

  private final FileChannel channel;
  private final String key;

  private LogFile(FileChannel channel, String key) {
    this.channel = channel;
    this.key = key;
  }

  /** Opens a regular file; empty if there is none, or if it was replaced just now. */
  static Optional<LogFile> open(Path path) throws IOException {
    Optional<String> key = keyOf(path);
    if (key.isEmpty()) {
      return Optional.empty();
    }
    try {
      LogFile file = new LogFile(FileChannel.open(path, StandardOpenOption.READ), key.get());
      if (keyOf(path).equals(key)) {
        return Optional.of(file);
      }
      // Nobody knows which of the two was opened.
      file.close();
    } catch (NoSuchFileException gone) {
      // The same as if it had never been there.
    }
    return Optional.empty();
  }

  /** What tells a file from all others that exist; empty unless there is a regular file. */
  static Optional<String> keyOf(Path path) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      Object key = found.fileKey() == null ? found.creationTime() : found.fileKey();
      return found.isRegularFile() ? Optional.of(key.toString()) : Optional.empty();
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /**
   * Finds the rest of what was being read, among the files beside the log whose names begin with
   * its name: the file itself, renamed, or the copy that was made before it was truncated.
   */
  static Optional<LogFile> rotated(Path log, Progress progress) throws IOException {
    String name = log.getFileName().toString();
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(
            log.getParent(), p -> p.getFileName().toString().startsWith(name))) {
      for (Path sibling : siblings) {
        Optional<LogFile> file = sibling.equals(log) ? Optional.empty() : open(sibling);
        if (file.isPresent()) {
          if (file.get().goesOnFrom(progress)) {
            return file;
          }
          file.get().close();
        }
      }
    }
    return Optional.empty();
  }

  private boolean goesOnFrom(Progress progress) throws IOException {
    boolean isSame = key.equals(progress.fileKey()) || progress.headBytes() == HEAD_BYTES_MAX;
    return isSame && beginsAs(progress);
  }

  String key() {
    return key;
  }

  /** Whether this is the file of that progress, neither cut short nor written anew since. */
  boolean isOf(Progress progress) throws IOException {
    return key.equals(progress.fileKey()) && beginsAs(progress);
  }

  private boolean beginsAs(Progress progress) throws IOException {
    return channel.size() >= progress.position()
        && hash(progress.headBytes()).equals(progress.headHash());
  }

  /** Fills the buffer from that place on, as far as the file goes; how many bytes it holds then. */
  int read(byte[] buffer, long position) throws IOException {
    ByteBuffer into = ByteBuffer.wrap(buffer);
    while (into.hasRemaining() && channel.read(into, position + into.position()) > 0) {
      // A read may bring less than there is.
    }
    return into.position();
  }

  /** The progress of one who has read this file up to that place. */
  Progress at(long position, boolean isInsideOversized) throws IOException {
    int headBytes = (int) Math.min(HEAD_BYTES_MAX, position);
    return new Progress(key, headBytes, hash(headBytes), position, isInsideOversized);
  }

  private String hash(int headBytes) throws IOException {
    byte[] head = new byte[headBytes];
    if (headBytes == 0 || read(head, 0) < headBytes) {
      return "";
    }
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(head));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java platform has SHA-256", impossible);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
