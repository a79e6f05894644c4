package dev.postmaster.app;

import dev.postmaster.DurationText;
import dev.postmaster.Exit;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.journal.DamagedJournalException;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Inspection;
import dev.postmaster.journal.SlotEntry;
import dev.postmaster.journal.SlotFlags;
import dev.postmaster.journal.Writer;
import dev.postmaster.runtime.Records;
import dev.postmaster.runtime.Witness;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Shows what stands in a journal file, of a live postmaster or a dead one, without a server. Only
 * reads.
 */
@Command(
    name = "inspect",
    description = "Shows what stands in a journal file, of a live postmaster or a dead one.",
    mixinStandardHelpOptions = true)
final class Inspect implements Callable<Integer> {

  private static final long MS = 1_000_000;
  private static final List<String> STATES = List.of("OPEN", "CLOSED", "FAULTED");

  /** How it is shown. */
  enum Output {
    table,
    json
  }

  @Parameters(paramLabel = "FILE", description = "The journal, such as data/default.journal.")
  Path file;

  @Option(
      names = "--verify",
      description = "Exits with 9 if anything is damaged, or contradicts the contract.")
  boolean verify;

  @Option(names = "--slot", paramLabel = "N", description = "Only of this slot.")
  Integer slot;

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "How many of the newest transitions.",
      defaultValue = "20")
  int last;

  @Option(
      names = "-o",
      paramLabel = "table|json",
      description = "How it is shown.",
      defaultValue = "table")
  Output output;

  @Override
  public Integer call() {
    Logs.quiet();
    Inspection read;
    List<String> faults;
    try {
      OptionalInt only = slot == null ? OptionalInt.empty() : OptionalInt.of(slot);
      read = Inspection.of(file, Math.max(0, last), only);
      faults = faults(read);
    } catch (IOException unreadable) {
      return refuse("cannot be read: " + unreadable);
    } catch (DamagedJournalException noJournal) {
      return refuse("is no journal: " + noJournal.getMessage());
    }
    if (output == Output.json) {
      System.out.println(json(read).encodePrettily());
    } else {
      table(read, System.out);
    }
    faults.forEach(fault -> System.err.println(Fatal.plain(fault)));
    return verify && !faults.isEmpty() ? Fatal.DAMAGED : 0;
  }

  /** What is damaged; where nothing is, and it was asked for, what no postmaster can have done. */
  private List<String> faults(Inspection read) throws IOException, DamagedJournalException {
    if (!verify || !read.damages().isEmpty()) {
      return read.damages();
    }
    Inspection all = Inspection.of(file, Integer.MAX_VALUE, OptionalInt.empty());
    // Of a file that is being written a copy may be torn: what is missing in it contradicts
    // nothing.
    return all.damages().isEmpty() ? Witness.of(all) : all.damages();
  }

  private int refuse(String why) {
    System.err.println(Fatal.plain(file + " " + why));
    return Fatal.WORLD;
  }

  // ---- JSON

  private JsonObject json(Inspection read) {
    String epoch = epoch(read);
    return new JsonObject()
        .put("file", file.toString())
        .put("epoch", epoch)
        .put("writer", writer(read))
        .put("head", read.head())
        .put("oldest", read.oldest())
        .put(
            "records",
            new JsonObject()
                .put("readable", read.readable())
                .put("inFlight", read.inFlight())
                .put("damaged", read.damaged()))
        .put(
            "workers", new JsonArray(used(read).stream().map(slot -> worker(slot, epoch)).toList()))
        .put(
            "transitions",
            new JsonArray(transitions(read).stream().map(StatusJson::transition).toList()));
  }

  private static String epoch(Inspection read) {
    return read.writer().map(Writer::epoch).map(Records::epoch).orElse(null);
  }

  private JsonObject writer(Inspection read) {
    Optional<Writer> writer = read.writer();
    return new JsonObject()
        .put("pid", writer.map(Writer::pid).orElse(null))
        .put("state", writer.map(Inspect::state).orElse(null))
        .put("alive", Inspection.isLocked(file).orElse(null));
  }

  private static String state(Writer writer) {
    int state = writer.state();
    return state >= 1 && state <= STATES.size() ? STATES.get(state - 1) : null;
  }

  private static List<SlotEntry> used(Inspection read) {
    return read.slots().stream().filter(slot -> slot.state != 0).toList();
  }

  private static List<Transition> transitions(Inspection read) {
    return read.records().stream().filter(Records::isKnown).map(e -> transition(e, read)).toList();
  }

  /** With the full names where the slot still has that tenant. */
  private static Transition transition(Entry e, Inspection read) {
    boolean cut = e.nameCut || e.typeCut;
    Optional<SlotEntry> tenant =
        read.slots().stream()
            .filter(slot -> cut && slot.slot == e.slot && slot.generation == e.generation)
            .findFirst();
    return tenant.isEmpty()
        ? Records.transition(e, e.name, e.type, cut)
        : Records.transition(e, tenant.get().name, tenant.get().type, false);
  }

  /** The object WORKER, null for what the file does not hold. */
  private static JsonObject worker(SlotEntry s, String epoch) {
    WorkerState state = Records.state(s.state);
    boolean runs = state != null && state.hasRun();
    JsonObject json =
        new JsonObject()
            .put("seq", s.sequence)
            .put("slot", s.slot)
            .put("generation", s.generation)
            .put("handle", epoch + '.' + s.slot + '.' + s.generation)
            .put("name", s.name)
            .put("type", s.type);
    List.of("library", "function").forEach(json::putNull);
    json.put("state", state == null ? null : state.word())
        .put("ready", SlotFlags.has(s.flags, SlotFlags.READY))
        .putNull("status")
        .put("runId", runs && s.runId > 0 ? s.runId : null);
    List.of("waiting", "reason", "deadlineAt").forEach(json::putNull);
    json.put("paused", SlotFlags.has(s.flags, SlotFlags.PAUSED));
    List.of("pausedUntil", "domain", "group").forEach(json::putNull);
    return json.put("flags", flags(s))
        .put("start", SlotFlags.startOf(s.flags))
        .put("threading", SlotFlags.threadingOf(s.flags))
        .put("restart", restart(s.restartMs))
        .put("terminate", SlotFlags.has(s.flags, SlotFlags.TERMINATE))
        .put("registeredAt", ms(s.registeredNs))
        .put("startedAt", ms(s.startedNs))
        .put("stateSince", ms(s.sinceNs))
        .put("restartAt", ms(s.nextNs))
        .putNull("restartInMs")
        .put("starts", s.starts)
        .putNull("failures")
        .put("exits", exits(s))
        .putNull("last");
  }

  private static JsonArray flags(SlotEntry s) {
    JsonArray flags = new JsonArray();
    if (SlotFlags.has(s.flags, SlotFlags.SHARED_MEMORY)) {
      flags.add("SHARED_MEMORY");
    }
    if (SlotFlags.has(s.flags, SlotFlags.DATABASE_CONNECTION)) {
      flags.add("DATABASE_CONNECTION");
    }
    if (SlotFlags.has(s.flags, SlotFlags.PARALLEL)) {
      flags.add("PARALLEL");
    }
    return flags;
  }

  private static String restart(int ms) {
    return ms < 0 ? "never" : DurationText.of(Duration.ofMillis(ms));
  }

  private static Long ms(long ns) {
    return ns == 0 ? null : ns / MS;
  }

  private static JsonObject exits(SlotEntry s) {
    JsonObject exits = new JsonObject();
    for (int exit = 1; exit < Exit.values().length; exit++) {
      exits.put(Exit.values()[exit].name(), s.exits.get(exit - 1));
    }
    return exits;
  }

  // ---- table

  private void table(Inspection read, PrintStream out) {
    JsonObject writer = writer(read);
    Boolean alive = writer.getBoolean("alive");
    out.printf(
        "%s %s pid %s, %s%n",
        writer.getString("state"),
        epoch(read),
        writer.getLong("pid"),
        alive == null ? "nobody to ask whether it lives" : alive ? "alive" : "not alive");
    out.printf(
        "head %d, oldest %d, %d readable, %d being written, %d damaged%n%n",
        read.head(), read.oldest(), read.readable(), read.inFlight(), read.damaged());
    out.printf(
        "%5s %10s %-10s %-24s %6s %10s  %s%n",
        "SLOT", "GENERATION", "STATE", "SINCE", "STARTS", "RUN", "NAME");
    for (SlotEntry s : used(read)) {
      WorkerState state = Records.state(s.state);
      out.printf(
          "%5d %10d %-10s %-24s %6d %10s  %s%s%n",
          s.slot,
          s.generation,
          state == null ? "state " + s.state : state.word(),
          Instant.ofEpochMilli(s.sinceNs / MS),
          s.starts,
          state != null && state.hasRun() ? s.runId : "-",
          Fatal.plain(s.name),
          s.detail.isEmpty() ? "" : "  (" + Fatal.plain(s.detail) + ')');
    }
    out.println();
    transitions(read).forEach(t -> out.println(line(t)));
  }

  private static String line(Transition t) {
    String who = t.own() ? "postmaster" : t.slot() + "." + t.generation() + " " + t.name();
    String edge = (t.from() == null ? "" : t.from().word() + " ") + "-> ";
    String end = t.exit() == Exit.NONE ? "" : " " + t.exit();
    return Fatal.plain(
        t.seq()
            + " "
            + Instant.ofEpochMilli(t.at())
            + " "
            + who
            + " "
            + (t.to() == null ? "" : edge + t.to().word() + " ")
            + t.cause().word()
            + end
            + (t.message().isEmpty() ? "" : " " + t.message()));
  }
}
