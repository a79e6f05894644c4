package dev.postmaster.web;

import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.StatusJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The JSON objects of the postmaster as a whole that REST and the feed share, protocols §4. */
final class FeedJson {

  private FeedJson() {}

  /** {@code {mode, since, left}} while the postmaster goes down, else null. */
  static JsonObject shutdown(PostmasterStatus status) {
    if (status.shutdown() == ShutdownMode.NONE) {
      return null;
    }
    return new JsonObject()
        .put("mode", status.shutdown().word())
        .put("since", StatusJson.known(status.shutdownSince()))
        .put("left", status.left());
  }

  /** The crash domains, at most that many. */
  static JsonArray domains(List<DomainStatus> domains, int most) {
    JsonArray json = new JsonArray();
    domains.stream()
        .limit(most)
        .forEach(
            domain ->
                json.add(
                    new JsonObject()
                        .put("name", domain.name())
                        .put("resetting", domain.resetting())
                        .put("cycles", domain.cycles())));
    return json;
  }

  static JsonObject parallel(PostmasterStatus status) {
    return new JsonObject()
        .put("active", status.parallelActive())
        .put("limit", status.parallelLimit());
  }
}
