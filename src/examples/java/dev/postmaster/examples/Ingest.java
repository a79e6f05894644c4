package dev.postmaster.examples;

import static dev.postmaster.examples.Examples.LOG;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * Follows an access log in combined format and counts its lines by minute and status class. Counts
 * and place are written in one transaction, so each line is counted once, whatever ends a run.
 *
 * <p>A log that was renamed, or copied and truncated, is read to its end first, wherever it went
 * beside the log, also when that happened while nobody read; of several such changes meanwhile the
 * files between the first and the last are not read. Lines that are no such lines are counted as
 * malformed, lines beyond 64 KiB as oversized, while they still grow.
 */
final class Ingest implements BackgroundWorker {

  static final int PATH_CHARS_MAX = 1_024;

  /** More than the longest line, so that every full buffer brings us on. */
  private static final int BUFFER_BYTES = 4 * Tally.LINE_BYTES_MAX;

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private Path log;
  private long rotateWaitNs;
  private IngestTables tables;
  private Database database;

  private Progress progress = Progress.NONE;

  /** Whether the file of the progress was read to its end, and is not the log any more. */
  private boolean isDone;

  private LogFile file;
  private long rotatedAtNs;
  private boolean isRotated;

  @Override
  public void run(WorkerContext context) throws Exception {
    Args args = Args.of(context);
    Duration naptime = args.time("naptime", Duration.ofMillis(500));
    rotateWaitNs = args.time("rotateWait", Duration.ofSeconds(2)).toNanos();
    log = path(args.text("path", ""));
    tables = new IngestTables(args.identifier("schema", "ingest"), log.toString());
    database = Database.of(context);
    database.prepare(context, tables.create());
    progress = database.transaction(tables::begin);
    try {
      while (true) {
        if (step()) {
          context.checkInterrupts();
        } else {
          Naps.nap(context, naptime);
        }
      }
    } finally {
      leave();
    }
  }

  private static Path path(String text) {
    if (text.isEmpty() || text.length() > PATH_CHARS_MAX) {
      throw Args.wrong("path", text, "is not a text of 1 to " + PATH_CHARS_MAX + " characters");
    }
    try {
      Path path = Path.of(text).toAbsolutePath().normalize();
      if (path.getFileName() != null && path.toString().length() <= PATH_CHARS_MAX) {
        return path;
      }
    } catch (InvalidPathException bad) {
      // Said below.
    }
    throw Args.wrong("path", text, "is not the path of a file");
  }

  /** Reads a buffer full, or what there is; whether there may be more at once. */
  private boolean step() throws IOException, SQLException {
    if (file != null && !file.isOf(progress)) {
      leave();
    }
    if (file == null && !enter()) {
      return false;
    }
    int length = file.read(buffer, progress.position());
    boolean isFull = length == buffer.length;
    boolean isLast = !isFull && isOver();
    save(Tally.of(buffer, length, progress.isInsideOversized(), isLast));
    if (isLast) {
      isDone = true;
      leave();
    }
    return isFull || isLast;
  }

  /** Finds the file to go on with; none if there is no log now. */
  private boolean enter() throws IOException, SQLException {
    Optional<LogFile> current = LogFile.open(log);
    if (current.isPresent() && current.get().isOf(progress)) {
      file = current.get();
    } else {
      Optional<LogFile> rest = isDone || progress.isNone() ? Optional.empty() : rest();
      if (rest.isPresent()) {
        close(current);
        file = rest.get();
        moveTo(file.at(progress.position(), progress.isInsideOversized()));
      } else if (current.isPresent()) {
        file = current.get();
        moveTo(Progress.startOf(file.key()));
      } else {
        return false;
      }
    }
    isDone = false;
    return true;
  }

  private Optional<LogFile> rest() throws IOException {
    Optional<LogFile> rest = LogFile.rotated(log, progress);
    if (rest.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "{0}: what came after byte {1} of the former file is gone, if anything did",
          log,
          String.valueOf(progress.position()));
    }
    return rest;
  }

  private static void close(Optional<LogFile> file) throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }

  /** Whether the file has not been the log for so long that nobody writes to it any more. */
  private boolean isOver() throws IOException {
    boolean isLog = LogFile.keyOf(log).filter(file.key()::equals).isPresent();
    long now = System.nanoTime();
    if (!isLog && !isRotated) {
      rotatedAtNs = now;
    }
    isRotated = !isLog;
    return isRotated && now - rotatedAtNs >= rotateWaitNs;
  }

  private void save(Tally tally) throws IOException, SQLException {
    if (tally.consumed() > 0) {
      Progress next = file.at(progress.position() + tally.consumed(), tally.isInsideOversized());
      database.transaction(c -> tables.save(c, tally, progress, next));
      progress = next;
    }
  }

  private void moveTo(Progress next) throws SQLException {
    Tally nothing = Tally.empty(next.isInsideOversized());
    database.transaction(c -> tables.save(c, nothing, progress, next));
    progress = next;
  }

  private void leave() throws IOException {
    isRotated = false;
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
