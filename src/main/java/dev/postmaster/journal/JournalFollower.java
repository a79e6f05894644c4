package dev.postmaster.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

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

  private static final int LOOKS = 1_000;

  private final Path path;
  private final long fileId;

  /** A copy has the same {@link #fileId}; null where the file system has no keys. */
  private final Object fileKey;

  private final int slots;
  private final Ring ring;
  private final RingReader reader;
  private final Tailer tailer;

  private JournalFollower(Path path, Object fileKey, JournalImage image, Ring ring, long after) {
    this.path = path;
    this.fileKey = fileKey;
    this.ring = ring;
    fileId = image.fileId();
    slots = image.geometry().slots();
    reader = ring.reader();
    tailer = ring.tailer(after);
  }

  /**
   * Opens a journal to be read from the record after that one on; from 0 on all that is there, and
   * what was overwritten is the first gap.
   *
   * @throws DamagedJournalException if it is no journal
   */
  public static JournalFollower open(Path path, long after)
      throws IOException, DamagedJournalException {
    Object fileKey = attributes(path).fileKey();
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      JournalImage image = JournalImage.of(file);
      Geometry geometry = image.geometry();
      ByteBuffer mapping = file.map(MapMode.READ_ONLY, 0, geometry.bytes());
      Words words = new Words(mapping);
      Ring ring = new Ring(words, geometry, 1, words.getAcquire(Layout.C_HEAD), 0);
      return new JournalFollower(path, fileKey, image, ring, after);
    }
  }

  /** What is followed; a step of its own for each record. */
  public Tailer tailer() {
    return tailer;
  }

  /**
   * Reads the state of a slot, for a picture to begin with: what follows {@link SlotEntry#sequence}
   * is in the records.
   *
   * @param slot from 0 up to {@link #slots}
   * @return EMPTY if it was never in use; LAPPED if it was being written at each of many looks: a
   *     writer that was killed there leaves it so
   */
  public RingReader.Result slot(int slot, SlotEntry into) {
    Objects.checkIndex(slot, slots);
    RingReader.Result result = reader.slot(slot, into);
    for (int look = 1; look < LOOKS && result == RingReader.Result.LAPPED; look++) {
      Thread.onSpinWait();
      result = reader.slot(slot, into);
    }
    return result;
  }

  public int slots() {
    return slots;
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
    try {
      BasicFileAttributes there = attributes(path);
      if (!there.isRegularFile() || !Objects.equals(there.fileKey(), fileKey)) {
        return true;
      }
      try (JournalImage now = JournalImage.open(path)) {
        return now.fileId() != fileId;
      }
    } catch (DamagedJournalException | NoSuchFileException other) {
      return true;
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class);
  }
}
