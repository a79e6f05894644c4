package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.FeedPicture;
import dev.postmaster.web.ClientMessage.Resume;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A viewer that comes and goes, reads slowly or not at all, and holds what it gets against what was
 * recorded and what is.
 *
 * <p>As in production: {@link FeedReader} with its pictures and texts, {@link ClientMessage}.
 * Simulated: the socket, which holds a few messages and loses them when it breaks, and the client.
 */
public final class SimulatedViewer implements FeedReader.Sink {

  private static final int STALL_MAX = 60;

  private final Postmaster postmaster;
  private final RecordTexts texts;
  private final SplittableRandom random;
  private final LongFunction<String> recorded;
  private final Consumer<String> count;

  /** Messages in the socket; beyond that it counts as full. */
  private final int room;

  private final int behindMax;
  private final int readsMax;
  private final Deque<String> socket = new ArrayDeque<>();

  /** Null while it is not connected. */
  private FeedReader reader;

  private FeedPicture client;

  /** From where the client may resume; -1 from nowhere. */
  private long bookmark = -1;

  /** It has a registration without its worker: a journal that has lost it cannot say the rest. */
  private boolean half;

  private boolean idle;
  private int stalled;

  /** As far as its picture was held against what is. */
  private long checked = -1;

  /**
   * One that is not connected yet.
   *
   * @param recorded the text of the record of a number
   * @param count is told what came about
   */
  public SimulatedViewer(
      Postmaster postmaster,
      RecordTexts texts,
      SplittableRandom random,
      LongFunction<String> recorded,
      Consumer<String> count) {
    this.postmaster = postmaster;
    this.texts = texts;
    this.random = random;
    this.recorded = recorded;
    this.count = count;
    room = 1 + random.nextInt(16);
    behindMax = 1 + random.nextInt(24);
    readsMax = 1 + random.nextInt(8);
  }

  /** So many viewers of one server. */
  public static List<SimulatedViewer> some(
      int viewers,
      Postmaster postmaster,
      SplittableRandom random,
      LongFunction<String> recorded,
      Consumer<String> count) {
    RecordTexts texts = new RecordTexts();
    return IntStream.range(0, viewers)
        .mapToObj(n -> new SimulatedViewer(postmaster, texts, random.split(), recorded, count))
        .toList();
  }

  // ---- the server's side

  @Override
  public boolean full() {
    return socket.size() >= room;
  }

  @Override
  public void send(String type, long seq, String text) {
    socket.add(text);
  }

  /** The server's loop has a turn for it, perhaps in the middle of one of the postmaster's. */
  public void pump() {
    if (reader == null || isCaughtUp()) {
      return;
    }
    try {
      idle = reader.turn() == FeedReader.Turn.IDLE;
    } catch (RuntimeException | InternalError escaped) {
      throw new AssertionError("the feed is broken: it threw " + escaped, escaped);
    }
  }

  private void subscribe(Resume resume) {
    boolean begun =
        reader.subscribe(
            new ClientMessage(
                ClientMessage.Kind.SUBSCRIBE, resume, true, FeedFilter.ALL, "", AckWindow.NONE, 0));
    that(begun, "it may not begin");
    idle = false;
  }

  // ---- the client's side

  /** Does one thing or another. */
  public void step() {
    if (reader == null) {
      if (random.nextInt(8) == 0) {
        connect();
      }
      return;
    }
    int what = random.nextInt(256);
    if (what < 3) {
      reader = null;
      socket.clear();
      checked = -1;
      return;
    }
    if (what == 3) {
      bookmark = -1;
      checked = -1;
      subscribe(null);
    } else if (what < 16 && !full()) {
      send("heartbeat", 0, FeedText.heartbeat(postmaster, reader.sent()));
    } else if (what < 20 && stalled == 0) {
      stalled = 1 + random.nextInt(STALL_MAX);
    }
    if (random.nextBoolean()) {
      pump();
    }
    if (stalled > 0) {
      stalled--;
    } else {
      read(random.nextInt(readsMax + 1));
    }
  }

  private void connect() {
    reader =
        new FeedReader(
            postmaster,
            texts,
            new ChangedSlots(postmaster),
            this,
            true,
            new FeedReader.Bounds(behindMax, () -> 0));
    if (bookmark < 0 || half && bookmark < postmaster.transitions().oldest()) {
      half = false;
      client = new FeedPicture();
      subscribe(null);
    } else {
      count.accept("viewer resumes");
      subscribe(new Resume(postmaster.transitions().epoch(), bookmark));
    }
  }

  private void read(int most) {
    for (int n = 0; n < most && !socket.isEmpty(); n++) {
      received(socket.poll());
    }
  }

  private void received(String text) {
    JsonObject message = new JsonObject(text);
    long seen = client.seq();
    switch (message.getString("t")) {
      case "transition" -> {
        long seq = message.getLong("seq");
        that(seq == seen + 1, "after ", seen, " came ", text);
        that(text.equals(recorded.apply(seq)), "not as it was recorded: ", text);
        bookmark = seq;
        half = message.getString("cause").equals("registered");
      }
      case "worker" -> half = false;
      case "gap" -> {
        boolean next = seen < 0 || message.getLong("from") == seen + 1;
        that(next && message.getLong("to") > seen, "after ", seen, " came ", text);
        count.accept("viewer gap " + message.getString("reason"));
        bookmark = -1;
      }
      case "snapshot" -> {
        boolean last = message.getInteger("part").equals(message.getInteger("parts"));
        bookmark = last ? message.getLong("seq") : -1;
      }
      case "slots" -> count.accept("viewer gets slots");
      case "heartbeat" -> {
        Long sent = message.getLong("sent");
        that(sent == null || sent == seen, "at ", seen, " came ", text);
        bookmark = sent == null ? bookmark : sent;
      }
      default -> {}
    }
    client.received(message);
    that(client.broken().isEmpty(), client.broken());
  }

  // ---- what must hold

  /** Whether it has got everything that there is, and has read it. */
  public boolean isCaughtUp() {
    return reader != null
        && idle
        && socket.isEmpty()
        && client.seq() == postmaster.transitions().head();
  }

  /** The same, and its picture was not held against what is since then. */
  public boolean isToBeChecked() {
    boolean is = isCaughtUp() && checked != client.seq();
    checked = is ? client.seq() : checked;
    return is;
  }

  /** Holds its picture of a slot against the slot. */
  public void check(WorkerStatus status) {
    JsonObject shown = client.workers().get(status.slot());
    if (status.state() == WorkerState.FREE) {
      that(shown == null, "shown is ", shown, ", but it is free");
      return;
    }
    Long runId = status.runId() == 0 ? null : Long.valueOf(status.runId());
    boolean same =
        shown != null
            && shown.getLong("seq") == status.seq()
            && shown.getLong("generation") == status.generation()
            && shown.getString("state").equals(status.state().word())
            && shown.getBoolean("ready") == status.ready()
            && shown.getBoolean("terminate") == status.terminate()
            && shown.getInteger("starts") == status.starts()
            && Objects.equals(shown.getLong("runId"), runId)
            && status.name().equals(shown.getString("name"))
            && status.library().equals(shown.getString("library"));
    that(same, "shown is ", shown, ", it is ", status);
  }

  /** Holds what it shows of the whole against that. */
  public void check(String phase, int used) {
    that(client.phase().equals(phase), "shown is ", client.phase(), ", it is ", phase);
    that(client.workers().size() == used, "shown are ", client.workers().keySet());
  }

  /** Reads on, and comes back if it is not connected. */
  public void readOn() {
    if (reader == null) {
      connect();
    }
    pump();
    read(readsMax);
  }

  private static void that(boolean holds, Object... otherwise) {
    if (!holds) {
      String text = Stream.of(otherwise).map(String::valueOf).collect(Collectors.joining());
      throw new AssertionError("the feed is broken: " + text);
    }
  }
}
