package dev.postmaster.runtime;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerSpec;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * A process that is there to be killed: its workers fail all the time, and each record that a
 * listener was told of is written down, eight bytes its number, in a file beside the journal.
 */
final class KilledPostmaster {

  static final String ACKNOWLEDGED = "acknowledged";
  static final String PORT = "port";

  private KilledPostmaster() {}

  /** Directory, number of workers, milliseconds between their failures. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    int workers = Integer.parseInt(args[1]);
    Duration restart = Duration.ofMillis(Long.parseLong(args[2]));
    Vertx vertx = Vertx.vertx();
    Postmaster postmaster =
        Postmaster.create(
            vertx,
            new PostmasterOptions()
                .setMaxWorkers(workers + 4)
                .setJournalCapacity(65_536)
                .setJournalDirectory(directory));
    DataOutputStream told =
        new DataOutputStream(
            Files.newOutputStream(
                directory.resolve(ACKNOWLEDGED),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND));
    postmaster.onTransition(
        transition -> {
          try {
            told.writeLong(transition.seq());
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
    for (int n = 0; n < workers; n++) {
      postmaster.register(failing("w" + n).restartAfter(restart));
    }
    postmaster.start().toCompletionStage().toCompletableFuture().get();
    WebServer web =
        WebServer.start(vertx, postmaster, new WebOptions(new JsonObject().put("port", 0)))
            .toCompletionStage()
            .toCompletableFuture()
            .get();
    Path half = Files.writeString(directory.resolve("half"), Integer.toString(web.port()));
    Files.move(half, directory.resolve(PORT), StandardCopyOption.ATOMIC_MOVE);
  }

  private static WorkerSpec failing(String name) {
    return Workers.of(
        name,
        context -> {
          throw new IllegalStateException("as always");
        });
  }
}
