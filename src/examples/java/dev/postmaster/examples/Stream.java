package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Flag;
import dev.postmaster.MessageQueue;
import dev.postmaster.MessageQueue.Received;
import dev.postmaster.MessageQueue.Result;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerSpec;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Two workers that stream lines from one to the other through a bounded queue in the memory that
 * they share: the faster waits for the slower, and each notices when the other has left.
 */
public final class Stream {

  private static final Duration LOOK = Duration.ofSeconds(1);

  private Stream() {}

  /** The two; they may be registered in any order. */
  public static List<WorkerSpec> workers(Iterable<String> source, Consumer<String> sink) {
    return List.of(
        worker("producer", context -> produce(context, source)),
        worker("consumer", context -> consume(context, sink)));
  }

  private static WorkerSpec worker(String name, BackgroundWorker main) {
    return WorkerSpec.of(name, () -> main).flags(Flag.SHARED_MEMORY).domain("stream");
  }

  private static void produce(WorkerContext context, Iterable<String> source) throws Exception {
    MessageQueue<String> lines = context.sharedMemory().queue("lines", 16);
    lines.attachSender(context);
    for (String line : source) {
      Result sent;
      do {
        context.checkInterrupts();
        sent = lines.send(line, LOOK);
      } while (sent == Result.WOULD_BLOCK); // full: the consumer is slower
      if (sent == Result.DETACHED) {
        throw context.exit(1, "the consumer has left");
      }
    }
  }

  private static void consume(WorkerContext context, Consumer<String> sink) throws Exception {
    MessageQueue<String> lines = context.sharedMemory().queue("lines", 16);
    lines.attachReceiver(context);
    while (true) {
      context.checkInterrupts();
      Received<String> line = lines.receive(LOOK);
      if (line.result() == Result.SUCCESS) {
        sink.accept(line.message());
      } else if (line.result() == Result.DETACHED) {
        return; // the producer has left, and all that it had sent is here
      }
    }
  }
}
