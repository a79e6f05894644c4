package dev.postmaster.bench;

import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Geometry;
import dev.postmaster.journal.Journal;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.RingReader;
import dev.postmaster.journal.SlotEntry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.broadcast.BroadcastBufferDescriptor;
import org.agrona.concurrent.broadcast.BroadcastTransmitter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The journal beside what else there is for the JVM, each in a mapped file of its own. */
@BenchmarkMode({Mode.SampleTime, Mode.AverageTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgs = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JournalBenchmark {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int CAPACITY = 8_192;
  private static final int RECORD_BYTES = 256;

  /** Runs this class alone. */
  public static void main(String[] args) throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(JournalBenchmark.class.getSimpleName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }

  /** A directory for one fork. */
  public static class Home {

    Path directory;

    void make() throws Exception {
      directory = Files.createTempDirectory("journal-benchmark");
    }

    void delete() throws Exception {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }

    MappedByteBuffer map(int bytes) throws Exception {
      try (FileChannel file =
          FileChannel.open(
              directory.resolve("file"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.allocate(bytes));
        return file.map(MapMode.READ_WRITE, 0, bytes);
      }
    }
  }

  /** Ours: a record and its slot. */
  @State(Scope.Thread)
  public static class Ours extends Home {

    private static final int SLOTS = 64;

    private Journal journal;
    private Ring ring;
    private RingReader reader;
    private long next = 1;
    private final Entry into = new Entry();
    private final Entry[] entries = new Entry[SLOTS];
    private final SlotEntry[] slots = new SlotEntry[SLOTS];

    /** A journal that has gone round once. */
    @Setup
    public void setUp() throws Exception {
      make();
      journal = Journal.open(directory, "j", Geometry.of(CAPACITY, SLOTS), EPOCH::clone);
      ring = journal.ring();
      reader = ring.reader();
      for (int n = 0; n < SLOTS; n++) {
        entries[n] = new Entry();
        entries[n].slot = n;
        entries[n].name = "worker number " + n;
        entries[n].type = "com.example.Worker";
        slots[n] = new SlotEntry();
        slots[n].slot = n;
        slots[n].exits = List.of(1, 2, 3, 4, 5, 6, 7, 8);
        ring.mirror(slots[n], true);
      }
      for (int n = 0; n < CAPACITY; n++) {
        append();
      }
      next = ring.oldest();
    }

    /** Closes it. */
    @TearDown
    public void tearDown() throws Exception {
      journal.close();
      delete();
    }

    void append() {
      int n = (int) (next++ & SLOTS - 1);
      Entry entry = entries[n];
      entry.timeNs = next;
      entry.generation = next;
      ring.append(entry);
      SlotEntry slot = slots[n];
      slot.sequence = entry.sequence;
      ring.mirror(slot, false);
    }

    RingReader.Result read() {
      RingReader.Result result = reader.read(next, into);
      next = next == ring.head() ? ring.oldest() : next + 1;
      return result;
    }

    RingReader.Result nothing() {
      return reader.read(ring.head() + 1, into);
    }
  }

  /** A record of the same bytes without checksum, encoding and mirror. */
  @State(Scope.Thread)
  public static class StoresOnly extends Home {

    private static final VarHandle LONGS =
        MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private MappedByteBuffer memory;
    private long sequence;

    /** A file of the ring's size. */
    @Setup
    public void setUp() throws Exception {
      make();
      memory = map(RECORD_BYTES + CAPACITY * RECORD_BYTES);
    }

    /** Deletes it. */
    @TearDown
    public void tearDown() throws Exception {
      delete();
    }

    void append() {
      long now = ++sequence;
      int offset = RECORD_BYTES + (int) (now & CAPACITY - 1) * RECORD_BYTES;
      LONGS.setOpaque(memory, offset, ~now);
      VarHandle.storeStoreFence();
      for (int word = 1; word < RECORD_BYTES / Long.BYTES; word++) {
        LONGS.setOpaque(memory, offset + word * Long.BYTES, now + word);
      }
      LONGS.setRelease(memory, offset, now);
      LONGS.setRelease(memory, 0, now);
    }
  }

  /** Agrona's broadcast buffer: no checksum, no identity, nothing to recover by. */
  @State(Scope.Thread)
  public static class Agrona extends Home {

    private static final int HEADER_BYTES = 8;

    private final UnsafeBuffer message = new UnsafeBuffer(new byte[RECORD_BYTES - HEADER_BYTES]);
    private BroadcastTransmitter transmitter;
    private long sequence;

    /** A file of the ring's size. */
    @Setup
    public void setUp() throws Exception {
      make();
      int bytes = CAPACITY * RECORD_BYTES + BroadcastBufferDescriptor.TRAILER_LENGTH;
      transmitter = new BroadcastTransmitter(new UnsafeBuffer(map(bytes)));
    }

    /** Deletes it. */
    @TearDown
    public void tearDown() throws Exception {
      delete();
    }

    void append() {
      message.putLong(0, ++sequence);
      transmitter.transmit(1, message, 0, RECORD_BYTES - HEADER_BYTES);
    }
  }

  /** Chronicle Queue: grows without bound, has a lock and an index, no checksum. */
  @State(Scope.Thread)
  public static class Chronicle extends Home {

    private static final int BYTES = 56;

    private ChronicleQueue queue;
    private ExcerptAppender appender;
    private long sequence;

    /** A queue. */
    @Setup(Level.Iteration)
    public void setUp() throws Exception {
      make();
      queue = ChronicleQueue.single(directory.resolve("queue").toString());
      appender = queue.createAppender();
    }

    /** Deletes it: an iteration writes hundreds of megabytes. */
    @TearDown(Level.Iteration)
    public void tearDown() throws Exception {
      appender.close();
      queue.close();
      delete();
    }

    void append() {
      long now = ++sequence;
      appender.writeBytes(
          bytes -> {
            for (int word = 0; word < BYTES / Long.BYTES; word++) {
              bytes.writeLong(now + word);
            }
          });
    }
  }

  /** The file of a life that was killed. */
  @State(Scope.Thread)
  public static class Killed extends Home {

    /** Records in the ring. */
    @Param({"8192", "1048576"})
    public int records;

    private Geometry geometry;
    private Path copy;

    /** Fills it. */
    @Setup
    public void setUp() throws Exception {
      make();
      geometry = Geometry.of(records, 256);
      Journal journal = Journal.open(directory, "j", geometry, EPOCH::clone);
      Entry entry = new Entry();
      entry.name = "worker";
      for (int n = 0; n < records + 10; n++) {
        entry.slot = n & 255;
        journal.ring().append(entry);
      }
      copy = Files.createDirectory(directory.resolve("killed"));
      Files.copy(directory.resolve("j.journal"), copy.resolve("j.journal"));
      journal.close();
    }

    /** Deletes it. */
    @TearDown
    public void tearDown() throws Exception {
      delete();
    }
  }

  /** A whole record with its checksum, and the hot half of its slot. */
  @Benchmark
  public void append(Ours ours) {
    ours.append();
  }

  /** The limit of the protocol. */
  @Benchmark
  public void appendStoresOnly(StoresOnly stores) {
    stores.append();
  }

  /** Of 248 bytes. */
  @Benchmark
  @Fork(
      value = 2,
      jvmArgs = {"-Xmx2g", "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"})
  public void appendAgronaBroadcast(Agrona agrona) {
    agrona.append();
  }

  /** Of 56 bytes. */
  @Benchmark
  @Fork(
      value = 2,
      jvmArgs = {
        "-Xmx2g",
        "-Dchronicle.analytics.disable=true",
        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
        "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
        "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
        "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
        "--add-opens=java.base/java.io=ALL-UNNAMED",
        "--add-opens=java.base/java.util=ALL-UNNAMED"
      })
  public void appendChronicleQueue(Chronicle chronicle) {
    chronicle.append();
  }

  /** A record that is there, with its checksum looked at and its texts made. */
  @Benchmark
  public RingReader.Result poll(Ours ours) {
    return ours.read();
  }

  /** One that is not there yet. */
  @Benchmark
  public RingReader.Result pollNothing(Ours ours) {
    return ours.nothing();
  }

  /** Opening after a kill: everything is read and checked, mapped, and gone on with. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 5)
  @Measurement(iterations = 15)
  public long recover(Killed killed) throws Exception {
    Journal journal = Journal.open(killed.copy, "j", killed.geometry, EPOCH::clone);
    journal.release();
    return journal.ring().head();
  }
}
