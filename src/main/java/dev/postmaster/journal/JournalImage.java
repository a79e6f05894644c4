package dev.postmaster.journal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A journal file as it lies there, of a live postmaster or a dead one. It is read and never mapped:
 * a foreign file may lose pages at any time.
 *
 * <p>What is read while somebody writes may be torn: stamps and checksums say so.
 *
 * <p>Threading: one. It blocks.
 */
public final class JournalImage implements AutoCloseable {

  /** Takes slots in their order. */
  interface SlotVisitor {
    void slot(int slot, byte[] bytes, int offset);
  }

  /** Takes records in the order of the ring. */
  interface RecordVisitor {
    void record(int index, byte[] bytes, int offset);
  }

  /** Where the bytes are. */
  interface Source extends AutoCloseable {

    long size() throws IOException;

    /** Fills the buffer from there on. */
    void read(ByteBuffer into, long from) throws IOException;

    @Override
    void close() throws IOException;
  }

  private record FileSource(FileChannel file) implements Source {

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void read(ByteBuffer into, long from) throws IOException {
      while (into.hasRemaining()) {
        if (file.read(into, from + into.position()) < 0) {
          throw new EOFException("the file became shorter while it was read");
        }
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static final int CHUNK = 256 * Layout.SLOT_BYTES;

  private final Source source;
  private final ByteBuffer header;
  private final Geometry geometry;

  private JournalImage(Source source, ByteBuffer header, Geometry geometry) {
    this.source = source;
    this.header = header;
    this.geometry = geometry;
  }

  /**
   * Opens a file for reading, and believes its first section.
   *
   * @throws DamagedJournalException if it is no journal
   */
  public static JournalImage open(Path path) throws IOException, DamagedJournalException {
    return of(FileChannel.open(path, StandardOpenOption.READ));
  }

  /** Of a file that is open already, and closed with this. */
  static JournalImage of(FileChannel file) throws IOException, DamagedJournalException {
    return of(new FileSource(file));
  }

  static JournalImage of(Source source) throws IOException, DamagedJournalException {
    try {
      ByteBuffer header = Headers.empty();
      long bytes = source.size();
      if (bytes < Layout.HEADER_BYTES) {
        throw new DamagedJournalException("it is only " + bytes + " bytes long");
      }
      source.read(header, 0);
      return new JournalImage(source, header, Headers.identity(header, bytes));
    } catch (IOException | DamagedJournalException failure) {
      source.close();
      throw failure;
    }
  }

  public Geometry geometry() {
    return geometry;
  }

  /** Who writes or wrote it; empty while that is being written, or if it is damaged. */
  public Optional<Writer> writer() {
    return Headers.writer(header);
  }

  /**
   * The same for a file that nobody writes: of an opening or closing that was killed there is what
   * it got to. It says what all its fields said before or after, and the epoch is the same in both.
   */
  Optional<Writer> lastWriter() {
    return writer().or(() -> Headers.halfWritten(header));
  }

  /** A number of this file alone. */
  long fileId() {
    return header.getLong(Layout.A_FILE_ID);
  }

  /** The head as it stood when the file was opened. */
  public long head() {
    return header.getLong(Layout.C_HEAD);
  }

  /** Epoch nanoseconds. */
  public long heartbeatNs() {
    return header.getLong(Layout.C_HEARTBEAT);
  }

  void slots(SlotVisitor visitor) throws IOException {
    visit(geometry.slotOffset(0), Layout.SLOT_BYTES, geometry.slots(), visitor::slot);
  }

  void records(RecordVisitor visitor) throws IOException {
    visit(geometry.ringOffset(), Layout.RECORD_BYTES, geometry.capacity(), visitor);
  }

  private void visit(long from, int each, int count, RecordVisitor visitor) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    int inChunk = CHUNK / each;
    for (int index = 0; index < count; index += inChunk) {
      int here = Math.min(inChunk, count - index);
      chunk.clear().limit(here * each);
      source.read(chunk, from + (long) index * each);
      for (int n = 0; n < here; n++) {
        visitor.record(index + n, chunk.array(), n * each);
      }
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
