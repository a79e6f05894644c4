package dev.postmaster.app;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;

/** Reads the configuration file, YAML, by vertx-config. */
final class ConfigurationFile {

  private static final Path DEFAULT = Path.of("conf", "postmaster.yaml");

  private ConfigurationFile() {}

  /**
   * Reads the file; without a name {@code conf/postmaster.yaml} where it exists, else nothing.
   *
   * @throws Fatal if it cannot be read or is not YAML
   */
  static JsonObject read(Vertx vertx, Path named) throws Fatal {
    Path file = named == null ? DEFAULT : named;
    if (named == null && !Files.exists(file)) {
      return new JsonObject();
    }
    if (!Files.isReadable(file)) {
      throw new Fatal(Fatal.USAGE, "configuration file " + file + " cannot be read", null);
    }
    ConfigRetriever retriever =
        ConfigRetriever.create(
            vertx,
            new ConfigRetrieverOptions()
                .setIncludeDefaultStores(false)
                .addStore(
                    new ConfigStoreOptions()
                        .setType("file")
                        .setFormat("yaml")
                        .setConfig(
                            new JsonObject().put("path", file.toAbsolutePath().toString()))));
    try {
      return retriever.getConfig().toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException bad) {
      String why = String.valueOf(bad.getCause().getMessage()).lines().findFirst().orElse("");
      throw new Fatal(Fatal.USAGE, "configuration file " + file + ": " + why, bad);
    } catch (InterruptedException interrupted) {
      throw new Fatal(Fatal.USAGE, "configuration file " + file + " was not read", interrupted);
    } finally {
      retriever.close();
    }
  }
}
