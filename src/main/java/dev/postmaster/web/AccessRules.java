package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who may speak to the server. A page on another site can make a browser on this machine connect to
 * the loopback: a {@code Host} that is not ours (DNS rebinding) is refused on every path, and so is
 * a feed whose {@code Origin} is not ours.
 */
final class AccessRules {

  private final Set<String> hosts;
  private final Set<String> origins;

  AccessRules(WebOptions options) {
    hosts =
        Stream.concat(Stream.of("localhost", "127.0.0.1", "[::1]"), options.allowedHosts().stream())
            .map(host -> host.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    origins =
        options.allowedOrigins().stream()
            .map(origin -> origin.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Lets a request pass whose {@code Host} is in the list. */
  void checkHost(RoutingContext context) {
    List<String> sent = context.request().headers().getAll("Host");
    if (sent.size() == 1 && hosts.contains(withoutPort(sent.get(0)).toLowerCase(Locale.ROOT))) {
      context.next();
    } else {
      Answers.problem(
          context,
          ErrorCode.FORBIDDEN,
          "the Host header \"" + String.join(", ", sent) + "\" is none that this server answers");
    }
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    boolean port =
        colon >= 0 && host.substring(colon + 1).chars().allMatch(c -> c >= '0' && c <= '9');
    return port ? host.substring(0, colon) : host;
  }

  /**
   * Lets a request pass whose {@code Origin} is the one it was sent to, or configured. None at all
   * comes from a program, not from a page; with a cookie it could be a page after all.
   */
  void checkOrigin(RoutingContext context) {
    HttpServerRequest request = context.request();
    List<String> sent = request.headers().getAll("Origin");
    boolean allowed =
        sent.isEmpty()
            ? !request.headers().contains("Cookie")
            : sent.size() == 1 && isAllowed(request, sent.get(0).toLowerCase(Locale.ROOT));
    if (allowed) {
      context.next();
    } else {
      Answers.problem(
          context,
          ErrorCode.FORBIDDEN,
          "the Origin \"" + String.join(", ", sent) + "\" may not open the feed");
    }
  }

  private boolean isAllowed(HttpServerRequest request, String origin) {
    String own = (request.isSSL() ? "https://" : "http://") + request.getHeader("Host");
    return origin.equals(own.toLowerCase(Locale.ROOT)) || origins.contains(origin);
  }
}
