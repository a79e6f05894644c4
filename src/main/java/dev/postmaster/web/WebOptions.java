package dev.postmaster.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How the web server is set up. Checked by {@link WebServer#bind}.
 *
 * <p>Shape: the keys of {@code http} in the configuration that it knows; the others are left to
 * whoever reads the configuration.
 */
public final class WebOptions {

  private String host = "127.0.0.1";
  private int port = 7_432;
  private List<String> allowedHosts = List.of();
  private List<String> allowedOrigins = List.of();
  private int maxConnections = 64;
  private int maxConnectionsPerAddress = 8;
  private Duration subscribeTimeout = Duration.ofSeconds(5);
  private Duration heartbeat = Duration.ofSeconds(5);
  private Duration slowLimit = Duration.ofSeconds(30);
  private Duration writeIdle = Duration.ofSeconds(40);

  public WebOptions() {}

  public WebOptions(WebOptions other) {
    host = other.host;
    port = other.port;
    allowedHosts = other.allowedHosts;
    allowedOrigins = other.allowedOrigins;
    maxConnections = other.maxConnections;
    maxConnectionsPerAddress = other.maxConnectionsPerAddress;
    subscribeTimeout = other.subscribeTimeout;
    heartbeat = other.heartbeat;
    slowLimit = other.slowLimit;
    writeIdle = other.writeIdle;
  }

  public WebOptions(JsonObject json) {
    host = json.getString("host", host);
    port = json.getInteger("port", port);
    allowedHosts = texts(json, "allowedHosts");
    allowedOrigins = texts(json, "allowedOrigins");
    maxConnections = json.getInteger("maxConnections", maxConnections);
    maxConnectionsPerAddress =
        json.getInteger("maxConnectionsPerAddress", maxConnectionsPerAddress);
  }

  private static List<String> texts(JsonObject json, String key) {
    return json.getJsonArray(key, new JsonArray()).stream().map(String::valueOf).toList();
  }

  /** The JSON form; the four times of the feed are for tests and have none. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("host", host)
        .put("port", port)
        .put("allowedHosts", new JsonArray(allowedHosts))
        .put("allowedOrigins", new JsonArray(allowedOrigins))
        .put("maxConnections", maxConnections)
        .put("maxConnectionsPerAddress", maxConnectionsPerAddress);
  }

  /**
   * Looks at every option.
   *
   * @return one line a fault, each with the option's path in the configuration
   */
  public List<String> faults() {
    List<String> faults = new ArrayList<>();
    if (!isLoopback(host)) {
      faults.add(
          "http.host: \"" + host + "\" is not a loopback address, and others need TLS and a token");
    }
    range(faults, "port", port, 0, 65_535);
    range(faults, "maxConnections", maxConnections, 1, 10_000);
    range(faults, "maxConnectionsPerAddress", maxConnectionsPerAddress, 1, 10_000);
    for (String origin : allowedOrigins) {
      if (!origin.matches("https?://[^/?#\\s]+")) {
        faults.add("http.allowedOrigins: \"" + origin + "\" is not <scheme>://<host>[:<port>]");
      }
    }
    return faults;
  }

  private static void range(List<String> faults, String key, int value, int from, int to) {
    if (value < from || value > to) {
      faults.add("http." + key + ": " + value + " is not between " + from + " and " + to);
    }
  }

  private static boolean isLoopback(String host) {
    return switch (host.toLowerCase(Locale.ROOT)) {
      case "localhost", "::1", "[::1]" -> true;
      default -> host.matches("127(\\.\\d{1,3}){3}");
    };
  }

  public String host() {
    return host;
  }

  /** Where to listen: a loopback address. */
  public WebOptions setHost(String value) {
    host = value;
    return this;
  }

  public int port() {
    return port;
  }

  /** 0: any free one. */
  public WebOptions setPort(int value) {
    port = value;
    return this;
  }

  public List<String> allowedHosts() {
    return allowedHosts;
  }

  /** Names, without port, that a {@code Host} header may carry beside those of the loopback. */
  public WebOptions setAllowedHosts(List<String> value) {
    allowedHosts = List.copyOf(value);
    return this;
  }

  public List<String> allowedOrigins() {
    return allowedOrigins;
  }

  /** Origins, such as {@code https://ops.example}, that may open the feed beside our own. */
  public WebOptions setAllowedOrigins(List<String> value) {
    allowedOrigins = List.copyOf(value);
    return this;
  }

  public int maxConnections() {
    return maxConnections;
  }

  /** Most feeds at one time. */
  public WebOptions setMaxConnections(int value) {
    maxConnections = value;
    return this;
  }

  public int maxConnectionsPerAddress() {
    return maxConnectionsPerAddress;
  }

  /** Most feeds at one time from one address. */
  public WebOptions setMaxConnectionsPerAddress(int value) {
    maxConnectionsPerAddress = value;
    return this;
  }

  Duration subscribeTimeout() {
    return subscribeTimeout;
  }

  /** How long a feed may stay without a subscription. */
  WebOptions setSubscribeTimeout(Duration value) {
    subscribeTimeout = value;
    return this;
  }

  Duration heartbeat() {
    return heartbeat;
  }

  /** Time between two heartbeats. */
  WebOptions setHeartbeat(Duration value) {
    heartbeat = value;
    return this;
  }

  Duration slowLimit() {
    return slowLimit;
  }

  /** How long a viewer may stay behind by more than its queue. */
  WebOptions setSlowLimit(Duration value) {
    slowLimit = value;
    return this;
  }

  Duration writeIdle() {
    return writeIdle;
  }

  /** How long a connection may take nothing of what it is sent before it is cut. */
  WebOptions setWriteIdle(Duration value) {
    writeIdle = value;
    return this;
  }
}
