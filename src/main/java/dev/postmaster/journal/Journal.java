package dev.postmaster.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.Supplier;

/**
 * A journal in a file, open for writing: {@code <directory>/<name>.journal} and its lock.
 *
 * <p>Threading: one thread at a time opens, checks, forces and closes, and all of these block; the
 * ring is written by the postmaster's loop.
 */
public final class Journal implements AutoCloseable {

  private static final long NS = 1_000_000;

  private final Path path;
  private final DirectoryLock lock;
  private final MappedByteBuffer mapping;
  private final Object fileKey;
  private final Ring ring;
  private final Recovery past;
  private final String setAside;
  private final Writer writer;

  private Journal(
      Path path,
      DirectoryLock lock,
      MappedByteBuffer mapping,
      Ring ring,
      Recovery past,
      String setAside,
      Writer writer)
      throws IOException {
    this.path = path;
    this.lock = lock;
    this.mapping = mapping;
    this.ring = ring;
    this.past = past;
    this.setAside = setAside;
    this.writer = writer;
    fileKey = key(path);
  }

  /**
   * Opens the journal of a directory that exists, and goes on with the line of an earlier life if
   * that is certain; else what is there is set aside and a new file made.
   *
   * @param newEpoch sixteen bytes for a line of its own
   * @throws IOException if the directory cannot be had or written, in one line
   */
  public static Journal open(
      Path directory, String name, Geometry geometry, Supplier<byte[]> newEpoch)
      throws IOException {
    DirectoryLock lock = DirectoryLock.share(directory, name);
    try {
      return open(directory.resolve(name + ".journal"), lock, geometry, newEpoch);
    } catch (IOException | RuntimeException failure) {
      lock.close();
      throw failure;
    }
  }

  private static Journal open(
      Path path, DirectoryLock lock, Geometry geometry, Supplier<byte[]> newEpoch)
      throws IOException {
    Recovery past = null;
    String setAside = "";
    if (Files.exists(path)) {
      past = recover(path, geometry);
      if (past.fault != null) {
        Path aside = JournalFiles.setAside(path);
        setAside = aside.getFileName() + ": " + past.fault;
        past = null;
      }
    }
    Files.deleteIfExists(JournalFiles.faulted(path));
    if (past == null) {
      JournalFiles.create(path, geometry);
    }
    MappedByteBuffer mapping = JournalFiles.map(path, geometry);
    Words words = new Words((ByteBuffer) mapping);
    long head = past == null ? 0 : past.head;
    long incarnation = past == null ? 1 : past.writer.incarnation() + 1;
    Ring ring = new Ring(words, geometry, 1, head, (int) incarnation);
    Writer writer = writer(past, incarnation, head, past == null ? newEpoch.get() : null);
    ring.sign(writer);
    words.setRelease(Layout.C_HEAD, head);
    return new Journal(path, lock, mapping, ring, past, setAside, writer);
  }

  private static Recovery recover(Path path, Geometry geometry) throws IOException {
    if (Files.exists(JournalFiles.faulted(path))) {
      return Recovery.impossible("it had met a fault");
    }
    try {
      return Recovery.of(path, geometry, Machine.boot());
    } catch (IOException unreadable) {
      throw new IOException(
          "journal " + path + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static Writer writer(Recovery past, long incarnation, long head, byte[] newEpoch) {
    ProcessHandle self = ProcessHandle.current();
    int previous = Layout.PREVIOUS_NONE;
    if (past != null) {
      previous = past.writer.isClosed() ? Layout.PREVIOUS_CLEAN : Layout.PREVIOUS_KILLED;
    }
    return new Writer(
        incarnation,
        self.pid(),
        self.info().startInstant().map(started -> started.toEpochMilli()).orElse(0L),
        System.currentTimeMillis() * NS,
        0,
        head + 1,
        Layout.STATE_OPEN,
        previous,
        Machine.boot(),
        Machine.pidNamespace(),
        0,
        past == null ? newEpoch : past.writer.epoch());
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  public Path path() {
    return path;
  }

  /** What is written and read. */
  public Ring ring() {
    return ring;
  }

  /** Sixteen bytes: that of the life before if its line goes on. */
  public byte[] epoch() {
    return writer.epoch();
  }

  /** Whether the line of an earlier life goes on. */
  public boolean goesOn() {
    return past != null;
  }

  /** Whether the life before was killed while it wrote a record that nobody was told of. */
  public boolean hadInFlight() {
    return past != null && past.inFlight;
  }

  /** Whether the life before ended without closing the journal. */
  public boolean wasKilled() {
    return writer.previous() == Layout.PREVIOUS_KILLED;
  }

  /** What became of a file that was there before, in words; empty if nothing. */
  public String setAside() {
    return setAside;
  }

  /** The generation that a slot had last. */
  public long generation(int slot) {
    return past == null ? 0 : past.generation(slot);
  }

  /** Slots that the life before did not free, in their order. */
  public List<SlotEntry> left() {
    return past == null ? List.of() : past.left();
  }

  /**
   * Looks whether the file is still what it was.
   *
   * @throws IOException if not, in words
   */
  public void check() throws IOException {
    if (!Files.exists(path)) {
      throw new IOException("it was deleted");
    }
    if (fileKey != null && !fileKey.equals(key(path))) {
      throw new IOException("it was replaced");
    }
    long bytes = Files.size(path);
    if (bytes != mapping.capacity()) {
      throw new IOException("it is " + bytes + " bytes long, not " + mapping.capacity());
    }
    boolean isThere;
    try {
      long head = ring.head();
      isThere = head == 0 || ring.holds(head) || ring.head() > head;
      Thread.yield(); // 17 throws what it owes us when a thread comes back from the system
    } catch (InternalError notServed) {
      throw new IOException("a page of it cannot be served", notServed);
    }
    if (!isThere) {
      throw new IOException("its last record cannot be read");
    }
  }

  /** Writes what has changed to the disk. */
  public void force() {
    mapping.force();
  }

  /**
   * Gives the file up after a fault: what is left of it is renamed, or marked where it cannot be,
   * so that no later life goes on with it. The directory is kept.
   *
   * @return what was done, in words
   */
  public String giveUp() {
    // Not over the mapping, which is what met the fault.
    return JournalFiles.giveUp(path, fileKey, writer.faulted(), mapping.capacity());
  }

  /** Closes a journal that met no fault: a later life goes on with it. */
  @Override
  public void close() throws IOException {
    try {
      ring.sign(writer.closed(System.currentTimeMillis() * NS));
      mapping.force();
    } catch (UncheckedIOException unwritable) {
      throw unwritable.getCause();
    } finally {
      lock.close();
    }
  }

  /** Gives the directory back without closing a file that was given up. */
  public void release() throws IOException {
    lock.close();
  }
}
