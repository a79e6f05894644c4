package dev.postmaster.client;

import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a postmaster is served, and who asks. Checked by the client that takes it.
 *
 * <p>Threading: not safe; a client makes a copy.
 */
public class ClientOptions {

  private String host = "127.0.0.1";
  private int port = 7_432;
  private boolean ssl;
  private TrustOptions trust;
  private String token = "";
  private Path tokenFile;
  private Duration timeout = Duration.ofSeconds(10);

  public ClientOptions() {}

  public ClientOptions(ClientOptions other) {
    host = other.host;
    port = other.port;
    ssl = other.ssl;
    trust = other.trust;
    token = other.token;
    tokenFile = other.tokenFile;
    timeout = other.timeout;
  }

  public String host() {
    return host;
  }

  public ClientOptions setHost(String value) {
    host = value;
    return this;
  }

  public int port() {
    return port;
  }

  public ClientOptions setPort(int value) {
    port = value;
    return this;
  }

  public boolean isSsl() {
    return ssl;
  }

  /** Whether to speak TLS; the name of the host is held against the certificate. */
  public ClientOptions setSsl(boolean value) {
    ssl = value;
    return this;
  }

  /** Empty: those that the JVM trusts. */
  public Optional<TrustOptions> trust() {
    return Optional.ofNullable(trust);
  }

  public ClientOptions setTrust(TrustOptions value) {
    trust = value;
    return this;
  }

  /** Empty: none, or that of the file. */
  public String token() {
    return token;
  }

  /** The token, sent as {@code Authorization: Bearer}. */
  public ClientOptions setToken(String value) {
    token = value;
    return this;
  }

  public Optional<Path> tokenFile() {
    return Optional.ofNullable(tokenFile);
  }

  /**
   * The file that holds the token; read again for each request, because the server makes another
   * token at each start.
   */
  public ClientOptions setTokenFile(Path value) {
    tokenFile = value;
    return this;
  }

  public Duration timeout() {
    return timeout;
  }

  /** How long a connection, or an answer that waits for nothing, may take. */
  public ClientOptions setTimeout(Duration value) {
    timeout = value;
    return this;
  }

  /**
   * Looks at every option.
   *
   * @throws IllegalArgumentException naming the option, its value and the rule
   */
  void check() {
    require(host != null && !host.isBlank(), "host", host, "is not a name or an address");
    require(port >= 1 && port <= 65_535, "port", port, "is not between 1 and 65535");
    require(isPositive(timeout), "timeout", timeout, "is not between 1 ms and 1 h");
    require(token.isEmpty() || tokenFile == null, "tokenFile", tokenFile, "stands beside a token");
  }

  static boolean isPositive(Duration value) {
    return value.toMillis() >= 1 && value.compareTo(Duration.ofHours(1)) <= 0;
  }

  static void require(boolean holds, String option, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(option + ": \"" + value + "\" " + rule);
    }
  }
}
