package dev.postmaster.examples;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.PostmasterException;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ingest over a real log and a real database. */
class IngestTest {

  private static final String LINES = "select lines from ingest.progress";
  private static final String COUNTED = "select sum(lines) from ingest.lines";
  private static final String MALFORMED = "select malformed from ingest.progress";
  private static final String OVERSIZED = "select oversized from ingest.progress";

  @TempDir Path directory;

  private Tables tables;
  private Life life;
  private Path log;
  private int written;

  @BeforeEach
  void start() throws Exception {
    tables = new Tables(directory);
    life = Life.started(tables.options());
    log = directory.resolve("access.log");
  }

  @AfterEach
  void close() throws Exception {
    life.close();
    tables.close();
  }

  private WorkerHandle ingest() throws Exception {
    return ingest("ingest", log);
  }

  private WorkerHandle ingest(String name, Path path) throws Exception {
    JsonObject args =
        new JsonObject()
            .put("path", path.toString())
            .put("naptime", "5ms")
            .put("rotateWait", "100ms");
    WorkerSpec spec =
        WorkerSpec.of(name, "examples", "ingest")
            .flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION)
            .restartAfter(Duration.ofMillis(50))
            .args(args);
    WorkerHandle handle = get(life.postmaster.register(spec));
    get(handle.awaitStarted());
    return handle;
  }

  private void stop(WorkerHandle handle) throws Exception {
    get(handle.terminate());
    get(handle.awaitGone());
  }

  private static void append(Path file, String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Appends good lines. */
  private void write(Path file, int lines) throws Exception {
    append(file, (AccessLineTest.GOOD + "\n").repeat(lines));
    written += lines;
  }

  private void assertAllCountedOnce() {
    tables.await(written, LINES);
    assertEquals(written, tables.number(COUNTED));
  }

  @Test
  void countsGrowAsTheLogGrows() throws Exception {
    write(log, 3);
    ingest();
    assertAllCountedOnce();

    write(log, 5_000);
    assertAllCountedOnce();
    append(log, AccessLineTest.GOOD.substring(0, 20));
    append(log, AccessLineTest.GOOD.substring(20) + "\n");
    written++;
    assertAllCountedOnce();
    assertEquals(0, tables.number(MALFORMED));
  }

  @Test
  void aLogThatComesLaterIsFollowedFromItsBeginning() throws Exception {
    ingest();
    tables.await(0, LINES);

    write(log, 2);

    assertAllCountedOnce();
  }

  @Test
  void whatIsWrittenToARenamedLogIsCountedAndThenTheNewOne() throws Exception {
    write(log, 10);
    ingest();
    assertAllCountedOnce();
    Path old = log.resolveSibling("access.log.1");
    Files.move(log, old);
    write(old, 3);
    append(old, AccessLineTest.GOOD);
    written++;
    write(log, 20);

    assertAllCountedOnce();
  }

  @Test
  void whatWasRotatedWhileNobodyReadIsReadToItsEnd() throws Exception {
    write(log, 10);
    WorkerHandle first = ingest();
    assertAllCountedOnce();
    stop(first);
    write(log, 7);
    Files.move(log, log.resolveSibling("access.log.2026-01-01.0"));
    write(log, 5);

    ingest();

    assertAllCountedOnce();
  }

  @Test
  void aCopyThatWasMadeBeforeTheTruncationIsReadToItsEnd() throws Exception {
    write(log, 10);
    WorkerHandle first = ingest();
    assertAllCountedOnce();
    stop(first);
    write(log, 4);
    Files.copy(log, log.resolveSibling("access.log.1"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(log, "", StandardOpenOption.TRUNCATE_EXISTING);
    append(log, "another beginning, so that it is another file\n");
    write(log, 2);

    ingest();

    assertAllCountedOnce();
    assertEquals(1, tables.number(MALFORMED));
  }

  @Test
  void aTruncatedLogIsReadFromItsBeginning() throws Exception {
    write(log, 10);
    ingest();
    assertAllCountedOnce();

    Files.writeString(log, "", StandardOpenOption.TRUNCATE_EXISTING);
    tables.await(0, "select place from ingest.progress");
    write(log, 6);

    assertAllCountedOnce();
  }

  @Test
  void aLogThatIsWrittenAnewAndLongerIsNoticed() throws Exception {
    write(log, 3);
    WorkerHandle first = ingest();
    assertAllCountedOnce();
    stop(first);
    String other = AccessLineTest.GOOD.replace("/x", "/y") + "\n";
    Files.writeString(log, other.repeat(50), StandardOpenOption.TRUNCATE_EXISTING);
    written += 50;

    ingest();

    assertAllCountedOnce();
  }

  @Test
  void badAndEndlessLinesAreCountedAndTheGoodOnesBehindThemToo() throws Exception {
    ingest();
    write(log, 1);
    append(log, "no line\n\u0000\u0001\n");
    write(log, 1);
    append(log, "x".repeat(700_000));
    tables.await(1, OVERSIZED);
    append(log, "x".repeat(700_000) + "\n");
    write(log, 1);

    assertAllCountedOnce();
    assertEquals(2, tables.number(MALFORMED));
    assertEquals(1, tables.number(OVERSIZED));
  }

  @Test
  void terminatedInTheMiddleAndStartedAgainItCountsEachLineOnce() throws Exception {
    for (int round = 0; round < 5; round++) {
      write(log, 20_000);
      WorkerHandle handle = ingest();
      write(log, 500);
      stop(handle);
    }

    ingest();

    assertAllCountedOnce();
  }

  @Test
  void aBrokenConnectionLosesNothingAndDoublesNothing() throws Exception {
    write(log, 10);
    tables.broken.release();
    WorkerHandle handle = get(life.postmaster.register(spec()));

    assertAllCountedOnce();
    assertEquals(1, handle.status().exits().get(Exit.FAILED.ordinal() - 1));
  }

  private WorkerSpec spec() {
    return WorkerSpec.of("ingest", "examples", "ingest")
        .flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION)
        .restartAfter(Duration.ofMillis(50))
        .args(new JsonObject().put("path", log.toString()).put("naptime", "5ms"));
  }

  @Test
  void whatIsNoRegularFileIsNoLogAndHoldsNobody() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());

    WorkerHandle ofPipe = ingest("pipe", pipe);
    tables.await(0, "select lines from ingest.progress where log like '%pipe'");
    WorkerHandle ofDirectory = ingest("directory", directory);
    tables.await(2, "select count(*) from ingest.progress");

    stop(ofPipe);
    stop(ofDirectory);
    assertEquals(Exit.TERMINATED, ofPipe.status().last().exit());
    assertEquals(Exit.TERMINATED, ofDirectory.status().last().exit());
  }

  @Test
  void aSecondOneOfTheSameLogFailsAndNothingIsCountedTwice() throws Exception {
    WorkerHandle first = ingest();
    write(log, 10);
    assertAllCountedOnce();
    WorkerHandle second = ingest("second", log);
    for (int n = 0; n < 200 && first.status().failures() + second.status().failures() == 0; n++) {
      write(log, 10);
      long wanted = written;
      tables.await(wanted, LINES);
    }

    assertTrue(first.status().failures() + second.status().failures() > 0);
    assertAllCountedOnce();
  }

  @Test
  void withoutAPathItIsRefusedWithWhatIsMissing() {
    WorkerSpec spec = spec().args(new JsonObject());

    PostmasterException refusal =
        assertThrows(PostmasterException.class, () -> get(life.postmaster.register(spec)));

    assertEquals(ErrorCode.INVALID_SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains("\"path\""), refusal.getMessage());
  }

  @Test
  void withAPathThatIsNoneItFailsAndSaysSo() throws Exception {
    WorkerSpec spec = spec().args(new JsonObject().put("path", "")).neverRestart();
    WorkerHandle handle = get(life.postmaster.register(spec));

    get(handle.awaitGone());

    assertEquals(Exit.FAILED, handle.status().last().exit());
    assertTrue(handle.status().last().message().contains("args.path"));
    assertEquals(WorkerState.FREE, handle.status().state());
  }
}
