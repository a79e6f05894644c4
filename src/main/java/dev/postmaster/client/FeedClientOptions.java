package dev.postmaster.client;

import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.time.Duration;

/** Which feed is followed, and how. Checked by {@link FeedClient#create}. */
public final class FeedClientOptions extends ClientOptions {

  /** Largest window. */
  public static final int WINDOW_MAX = 1_000_000;

  private FeedFilter filter = FeedFilter.ALL;
  private int window;
  private boolean snapshot = true;
  private Duration reconnectMin = Duration.ofMillis(500);
  private Duration reconnectMax = Duration.ofSeconds(30);
  private Duration healthy = Duration.ofSeconds(60);

  public FeedClientOptions() {}

  public FeedClientOptions(FeedClientOptions other) {
    super(other);
    filter = other.filter;
    window = other.window;
    snapshot = other.snapshot;
    reconnectMin = other.reconnectMin;
    reconnectMax = other.reconnectMax;
    healthy = other.healthy;
  }

  @Override
  public FeedClientOptions setHost(String value) {
    super.setHost(value);
    return this;
  }

  @Override
  public FeedClientOptions setPort(int value) {
    super.setPort(value);
    return this;
  }

  @Override
  public FeedClientOptions setSsl(boolean value) {
    super.setSsl(value);
    return this;
  }

  @Override
  public FeedClientOptions setTrust(TrustOptions value) {
    super.setTrust(value);
    return this;
  }

  @Override
  public FeedClientOptions setToken(String value) {
    super.setToken(value);
    return this;
  }

  @Override
  public FeedClientOptions setTokenFile(Path value) {
    super.setTokenFile(value);
    return this;
  }

  /** How long a connection may take until the server has said hello. */
  @Override
  public FeedClientOptions setTimeout(Duration value) {
    super.setTimeout(value);
    return this;
  }

  public FeedFilter filter() {
    return filter;
  }

  /** What is sent; by default all. */
  public FeedClientOptions setFilter(FeedFilter value) {
    filter = value;
    return this;
  }

  public int window() {
    return window;
  }

  /** Most transitions beyond the last acknowledged one; 0, the default: no limit but TCP's. */
  public FeedClientOptions setWindow(int value) {
    window = value;
    return this;
  }

  public boolean snapshot() {
    return snapshot;
  }

  /** Without, there is no picture: the feed begins where it is, and a gap is a gap. */
  public FeedClientOptions setSnapshot(boolean value) {
    snapshot = value;
    return this;
  }

  public Duration reconnectMin() {
    return reconnectMin;
  }

  public Duration reconnectMax() {
    return reconnectMax;
  }

  /** The longest wait before the first attempt to connect again, and before any. */
  public FeedClientOptions setReconnect(Duration min, Duration max) {
    reconnectMin = min;
    reconnectMax = max;
    return this;
  }

  Duration healthy() {
    return healthy;
  }

  /** How long a connection must have lasted for the waits to begin anew. */
  FeedClientOptions setHealthy(Duration value) {
    healthy = value;
    return this;
  }

  @Override
  void check() {
    super.check();
    require(
        window >= 0 && window <= WINDOW_MAX, "window", window, "is not between 0 and a million");
    require(isPositive(reconnectMin), "reconnectMin", reconnectMin, "is not between 1 ms and 1 h");
    require(
        isPositive(reconnectMax) && reconnectMin.compareTo(reconnectMax) <= 0,
        "reconnectMax",
        reconnectMax,
        "is not between reconnectMin and 1 h");
  }
}
