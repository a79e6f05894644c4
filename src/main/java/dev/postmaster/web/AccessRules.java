package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import io.vertx.core.http.HttpMethod;
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

  private static final String CSRF = "X-Postmaster-Csrf";

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
   * Lets a request pass that no page of another site has made a browser send: it could not read the
   * answer, but would take a place. Who follows a link to our page comes from another site, too.
   */
  void checkSite(RoutingContext context) {
    HttpServerRequest request = context.request();
    String site = request.getHeader("Sec-Fetch-Site");
    boolean foreign = "cross-site".equals(site) || "same-site".equals(site);
    boolean link =
        request.method().equals(HttpMethod.GET)
            && request.path().endsWith("/")
            && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
            && "document".equals(request.getHeader("Sec-Fetch-Dest"));
    if (foreign && !link) {
      refuse(context, "a page of another site may ask for nothing");
    } else {
      context.next();
    }
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

  /**
   * Lets a request pass that changes something, if no page of another site can have made a browser
   * send it: its {@code Origin}, if it has one, is ours; its body is JSON, which a form cannot
   * send; and where a cookie speaks for it, it has a header that a form cannot set.
   */
  void checkChange(RoutingContext context) {
    HttpServerRequest request = context.request();
    List<String> sent = request.headers().getAll("Origin");
    if (!sent.isEmpty()
        && (sent.size() > 1 || !isAllowed(request, sent.get(0).toLowerCase(Locale.ROOT)))) {
      refuse(context, "the Origin \"" + String.join(", ", sent) + "\" may not change anything");
    } else if (request.headers().contains("Cookie") && !"1".equals(request.getHeader(CSRF))) {
      refuse(context, "where a cookie is sent the header " + CSRF + ": 1 is needed");
    } else if (request.method().equals(HttpMethod.POST) && !isJson(request)) {
      Answers.problem(
          context, 415, ErrorCode.BAD_REQUEST, "the Content-Type is not application/json");
    } else {
      context.next();
    }
  }

  private static boolean isJson(HttpServerRequest request) {
    List<String> types = request.headers().getAll("Content-Type");
    return types.size() == 1
        && types.get(0).split(";", 2)[0].strip().equalsIgnoreCase("application/json");
  }

  private static void refuse(RoutingContext context, String detail) {
    Answers.problem(context, ErrorCode.FORBIDDEN, detail);
  }

  private boolean isAllowed(HttpServerRequest request, String origin) {
    String own = (request.isSSL() ? "https://" : "http://") + request.getHeader("Host");
    return origin.equals(own.toLowerCase(Locale.ROOT)) || origins.contains(origin);
  }
}
