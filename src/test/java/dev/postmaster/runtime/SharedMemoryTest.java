package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.MessageQueue;
import dev.postmaster.MessageQueue.Received;
import dev.postmaster.MessageQueue.Result;
import dev.postmaster.SharedMemory;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the workers of a domain share, until one of them crashes. */
class SharedMemoryTest {

  private final BlockingQueue<Object> said = new LinkedBlockingQueue<>();
  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  private static WorkerSpec sharing(String name, BackgroundWorker main) {
    return Workers.of(name, main).flags(Flag.SHARED_MEMORY).neverRestart();
  }

  private WorkerStatus run(WorkerSpec spec) throws Exception {
    return get(get(life.postmaster.register(spec)).awaitGone());
  }

  private Object said() throws Exception {
    return said.poll(20, TimeUnit.SECONDS);
  }

  @Test
  void workersOfADomainShareMapsAndCounters() throws Exception {
    run(
        sharing(
            "writer",
            context -> {
              context.sharedMemory().<String>map("m").put("k", "v");
              context.sharedMemory().counter("c").add(41);
            }));
    run(
        sharing(
            "reader",
            context -> {
              said.add(context.sharedMemory().<String>map("m").get("k"));
              said.add(context.sharedMemory().counter("c").add(1));
            }));
    run(
        sharing("stranger", context -> said.add(context.sharedMemory().counter("c").get()))
            .domain("other"));

    assertEquals("v", said());
    assertEquals(42L, said());
    assertEquals(0L, said());
  }

  @Test
  void withoutTheFlagThereIsNoSharedMemory() throws Exception {
    WorkerStatus gone =
        run(
            Workers.of(
                "w",
                context ->
                    said.add(assertThrows(IllegalStateException.class, context::sharedMemory))));

    assertInstanceOf(IllegalStateException.class, said());
    assertEquals(Exit.COMPLETED, gone.last().exit());
  }

  @Test
  void aCrashThrowsTheMemoryAwayAndOldReferencesThrow() throws Exception {
    AtomicReference<SharedMemory> memory = new AtomicReference<>();
    AtomicReference<Map<String, String>> map = new AtomicReference<>();
    AtomicReference<Set<Map.Entry<String, String>>> entries = new AtomicReference<>();
    AtomicReference<SharedMemory.SharedCounter> counter = new AtomicReference<>();
    run(
        sharing(
            "crasher",
            context -> {
              memory.set(context.sharedMemory());
              map.set(context.sharedMemory().map("m"));
              map.get().put("k", "v");
              entries.set(map.get().entrySet());
              counter.set(context.sharedMemory().counter("c"));
              throw new AssertionError("torn");
            }));
    life.watch.await(t -> t.cause() == Cause.CRASH_END);
    run(sharing("next", context -> said.add(context.sharedMemory().map("m").size())));

    assertEquals(0, said());
    assertThrows(IllegalStateException.class, () -> memory.get().map("m"));
    assertThrows(IllegalStateException.class, () -> map.get().get("k"));
    assertThrows(IllegalStateException.class, () -> entries.get().size());
    assertThrows(IllegalStateException.class, () -> entries.get().iterator().hasNext());
    assertThrows(IllegalStateException.class, () -> counter.get().get());
  }

  @Test
  void aCrashStopsTheDomainAndStartsItAgain() throws Exception {
    WorkerHandle idle =
        get(
            life.postmaster.register(
                Workers.idle("idle").flags(Flag.SHARED_MEMORY).restartAfter(Workers.LONG)));
    WorkerHandle alone = get(life.postmaster.register(Workers.idle("alone")));
    get(idle.awaitStarted());
    get(alone.awaitStarted());

    run(
        sharing(
            "crasher",
            context -> {
              throw context.exit(2);
            }));

    life.watch.await(t -> t.name().equals("idle") && t.cause() == Cause.STARTED, 2);
    assertEquals(2, idle.status().starts());
    assertEquals(1, alone.status().starts());
  }

  @Test
  void aRunOfBeforeTheCrashNeverSeesTheMemoryOfAfterIt() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    WorkerHandle deaf =
        get(
            life.postmaster.register(
                sharing(
                        "deaf",
                        context -> {
                          context.sharedMemory();
                          Workers.awaitDeaf(release);
                          said.add(
                              assertThrows(
                                  IllegalStateException.class,
                                  () -> context.sharedMemory().counter("c")));
                        })
                    .stop(Workers.SHORT, Workers.SHORT)));
    get(deaf.awaitStarted());
    run(
        sharing(
            "crasher",
            context -> {
              throw context.exit(2);
            }));
    life.watch.await(t -> t.cause() == Cause.CRASH_END);

    release.countDown();

    assertInstanceOf(IllegalStateException.class, said());
  }

  @Test
  void messagesArriveInOrderThroughAFullQueue() throws Exception {
    WorkerHandle receiver =
        get(
            life.postmaster.register(
                sharing(
                    "receiver",
                    context -> {
                      MessageQueue<Integer> queue = context.sharedMemory().queue("q", 2);
                      queue.attachReceiver(context);
                      for (int expected = 0; ; expected++) {
                        Received<Integer> received = queue.receive(Workers.LONG);
                        if (received.result() != Result.SUCCESS) {
                          said.add(received.result() + " after " + expected);
                          return;
                        }
                        assertEquals(expected, received.message());
                      }
                    })));
    run(
        sharing(
            "sender",
            context -> {
              MessageQueue<Integer> queue = context.sharedMemory().queue("q", 2);
              queue.attachSender(context);
              for (int message = 0; message < 1_000; message++) {
                assertEquals(Result.SUCCESS, queue.send(message, Workers.LONG));
              }
            }));

    assertEquals(Exit.COMPLETED, get(receiver.awaitGone()).last().exit());
    assertEquals("DETACHED after 1000", said());
  }

  @Test
  void whatWasSentBeforeTheReceiverCameIsNotLostWhenTheSenderLeaves() throws Exception {
    run(
        sharing(
            "sender",
            context -> {
              MessageQueue<String> queue = context.sharedMemory().queue("q", 4);
              queue.attachSender(context);
              queue.send("early", Workers.LONG);
            }));
    run(
        sharing(
            "receiver",
            context -> {
              MessageQueue<String> queue = context.sharedMemory().queue("q", 4);
              queue.attachReceiver(context);
              said.add(queue.receive(Duration.ofMillis(100)));
              said.add(queue.receive(Duration.ofMillis(100)).result());
            }));

    assertEquals(new Received<>(Result.SUCCESS, "early"), said());
    assertEquals(Result.DETACHED, said());
  }

  @Test
  void aFullQueueAndAnEmptyOneSayWouldBlock() throws Exception {
    run(
        sharing(
            "w",
            context -> {
              MessageQueue<String> queue = context.sharedMemory().queue("q", 1);
              queue.attachSender(context);
              queue.attachReceiver(context);
              said.add(queue.receive(Duration.ZERO).result());
              said.add(queue.send("one", Duration.ZERO));
              said.add(queue.send("two", Duration.ofMillis(5)));
              said.add(queue.receive(Duration.ZERO).message());
            }));

    assertEquals(
        List.of(Result.WOULD_BLOCK, Result.SUCCESS, Result.WOULD_BLOCK, "one"),
        List.of(said(), said(), said(), said()));
  }

  @Test
  void aQueueHasOneSenderAndOneReceiverAtATime() throws Exception {
    CountDownLatch attached = new CountDownLatch(1);
    WorkerHandle first =
        get(
            life.postmaster.register(
                sharing(
                    "first",
                    context -> {
                      context.sharedMemory().queue("q", 1).attachSender(context);
                      attached.countDown();
                      context.awaitLatch(Workers.LONG);
                    })));
    Workers.await(attached);

    run(
        sharing(
            "second",
            context ->
                said.add(
                    assertThrows(
                        IllegalStateException.class,
                        () -> context.sharedMemory().queue("q", 1).attachSender(context)))));

    assertInstanceOf(IllegalStateException.class, said());
    get(first.terminate());
  }

  @Test
  void aBlockedReceiverIsWokenByTheResetOfItsDomain() throws Exception {
    CountDownLatch receives = new CountDownLatch(1);
    WorkerHandle receiver =
        get(
            life.postmaster.register(
                sharing(
                        "receiver",
                        context -> {
                          MessageQueue<String> queue = context.sharedMemory().queue("q", 1);
                          queue.attachReceiver(context);
                          receives.countDown();
                          while (true) {
                            try {
                              queue.receive(Workers.LONG);
                            } catch (InterruptedException deaf) {
                              said.add("interrupted");
                            } catch (dev.postmaster.WorkerExit told) {
                              said.add("told");
                            }
                          }
                        })
                    .stop(Workers.SHORT, Workers.SHORT)));
    Workers.await(receives);

    run(
        sharing(
            "crasher",
            context -> {
              throw context.exit(2);
            }));

    WorkerStatus gone = get(receiver.awaitGone());
    assertTrue(gone.last().message().contains("crash cycle"), gone.last().message());
  }

  @Test
  void aBlockedReceiverEndsWhenItIsTold() throws Exception {
    CountDownLatch receives = new CountDownLatch(1);
    WorkerHandle receiver =
        get(
            life.postmaster.register(
                sharing(
                        "receiver",
                        context -> {
                          MessageQueue<String> queue = context.sharedMemory().queue("q", 1);
                          queue.attachReceiver(context);
                          receives.countDown();
                          queue.receive(Workers.LONG);
                        })
                    .stop(Workers.LONG, Workers.LONG)));
    Workers.await(receives);

    get(receiver.terminate());

    assertEquals(Exit.TERMINATED, get(receiver.awaitGone()).last().exit());
  }

  @Test
  void aSideThatLeavesIsSeenByTheOther() throws Exception {
    run(
        sharing(
            "receiver",
            context -> {
              MessageQueue<String> queue = context.sharedMemory().queue("q", 1);
              queue.attachReceiver(context);
            }));
    run(
        sharing(
            "sender",
            context -> {
              MessageQueue<String> queue = context.sharedMemory().queue("q", 1);
              queue.attachSender(context);
              said.add(queue.send("nobody", Workers.LONG));
            }));

    assertEquals(Result.DETACHED, said());
  }

  @Test
  void bothSidesGoneMakeRoomForAFreshQueue() throws Exception {
    BackgroundWorker both =
        context -> {
          MessageQueue<String> queue = context.sharedMemory().queue("q", 1);
          queue.attachSender(context);
          queue.attachReceiver(context);
          said.add(queue.send("x", Duration.ZERO));
        };

    run(sharing("one", both));
    run(sharing("two", both));

    assertSame(Result.SUCCESS, said());
    assertSame(Result.SUCCESS, said());
  }
}
