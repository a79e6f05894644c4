package dev.postmaster.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Follows the journal of another process, live or dead, without being noticed there: the file is
 * mapped for reading only, and its lock is left alone.
 *
 * <p>Threading: one. Opening and {@link #isReplaced} block.
 *
 * <p>Errors: {@link InternalError}, on 17 a little late, where a page of the file cannot be served
 * because somebody made it shorter. {@link Inspection} reads a file that cannot be trusted so far.
 */
public final class JournalFollower {

  private final Path path;
  private final long fileId;
  private final Tailer tailer;
  private final Ring ring;

  private JournalFollower(Path path, long fileId, Ring ring, long after) {
    this.path = path;
    this.fileId = fileId;
    this.ring = ring;
    tailer = ring.tailer(after);
  }

  /**
   * Opens a journal to be read from the record after that one on; 0 is the oldest that is there.
   *
   * @throws DamagedJournalException if it is no journal
   */
  public static JournalFollower open(Path path, long after)
      throws IOException, DamagedJournalException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      JournalImage image = JournalImage.of(file);
      Geometry geometry = image.geometry();
      ByteBuffer mapping = file.map(MapMode.READ_ONLY, 0, geometry.bytes());
      Words words = new Words(mapping);
      Ring ring = new Ring(words, geometry, 1, words.getAcquire(Layout.C_HEAD), 0);
      return new JournalFollower(path, image.fileId(), ring, after);
    }
  }

  /** What is followed; a step of its own for each record. */
  public Tailer tailer() {
    return tailer;
  }

  /** The highest published sequence number. */
  public long head() {
    return ring.head();
  }

  /**
   * Whether there is another file at the path, or none: nothing more will come then. Worth asking
   * when nothing has come for a while.
   */
  public boolean isReplaced() throws IOException {
    try (JournalImage now = JournalImage.open(path)) {
      return now.fileId() != fileId;
    } catch (DamagedJournalException | NoSuchFileException other) {
      return true;
    }
  }
}
