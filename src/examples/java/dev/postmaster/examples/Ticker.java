package dev.postmaster.examples;

import static dev.postmaster.examples.Examples.LOG;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.PostmasterException;
import dev.postmaster.SharedMemory.SharedCounter;
import dev.postmaster.WorkerContext;
import io.vertx.core.Future;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;

/**
 * Gives {@link Counter} something to count, and the web server something to answer: a delta row at
 * each interval, a GET of one URL every now and then.
 *
 * <p>Errors: a GET that fails is counted in shared memory ({@value #FAILURES}, beside {@value
 * #GETS}) and logged when it begins and when it ends; the database is another matter.
 */
final class Ticker implements BackgroundWorker {

  static final String GETS = "ticker.gets";
  static final String FAILURES = "ticker.failures";

  /**
   * This machine's own addresses, as literals: whoever may register a worker must not be able to
   * have it ask other machines, and a name can be made to mean anything.
   */
  private static final Pattern LOOPBACK =
      Pattern.compile("https?://(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?([/?].*)?");

  /** One for all runs, because a client of Java 17 cannot be closed. */
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private boolean failing;

  @Override
  public void run(WorkerContext context) throws Exception {
    Args args = Args.of(context);
    long intervalNs = args.time("interval", Duration.ofSeconds(1)).toNanos();
    long getEveryNs = args.time("getEvery", Duration.ofSeconds(5)).toNanos();
    Duration timeout = args.time("getTimeout", Duration.ofSeconds(2));
    CounterTables tables = new CounterTables(args.identifier("schema", "counter"));
    String url = args.text("url", "");
    if (!url.isEmpty() && !isLoopback(url)) {
      throw Args.wrong("url", url, "is not an address of this machine");
    }

    Database database = Database.of(context);
    database.prepare(context, tables.create());
    long now = System.nanoTime();
    long tickAt = now;
    long getAt = now;
    while (true) {
      Naps.until(context, tickAt);
      database.transaction(c -> tables.insert(c, 1));
      if (!url.isEmpty() && System.nanoTime() - getAt >= 0) {
        get(context, url, timeout);
        getAt = next(getAt, getEveryNs);
      }
      tickAt = next(tickAt, intervalNs);
    }
  }

  static boolean isLoopback(String url) {
    try {
      return LOOPBACK.matcher(url).matches() && new URI(url).getHost() != null;
    } catch (URISyntaxException malformed) {
      return false;
    }
  }

  /** In step with the first; what was missed is not caught up with. */
  private static long next(long at, long everyNs) {
    long late = System.nanoTime() - at;
    return at + (Math.max(0, late) / everyNs + 1) * everyNs;
  }

  private void get(WorkerContext context, String url, Duration timeout) throws Exception {
    SharedCounter gets = context.sharedMemory().counter(GETS);
    SharedCounter failures = context.sharedMemory().counter(FAILURES);
    gets.add(1);
    String failure = failureOf(context, url, timeout);
    if (!failure.isEmpty()) {
      failures.add(1);
    }
    if (failing == failure.isEmpty()) {
      failing = !failing;
      LOG.log(
          failing ? Level.WARNING : Level.INFO,
          failing ? "GET {0} fails: {1}" : "GET {0} succeeds again",
          url,
          failure);
    }
  }

  /** Empty if there is none. */
  private static String failureOf(WorkerContext context, String url, Duration timeout)
      throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(timeout).build();
    CompletableFuture<HttpResponse<Void>> answer =
        CLIENT.sendAsync(request, BodyHandlers.discarding());
    try {
      int status = context.await(Future.fromCompletionStage(answer), timeout).statusCode();
      return status >= 200 && status < 400 ? "" : "status " + status;
    } catch (CompletionException failure) {
      return String.valueOf(failure.getCause());
    } catch (IOException | PostmasterException failure) {
      return failure.toString();
    } finally {
      // Ends what is still under way: a body without an end, or a stop meanwhile.
      answer.cancel(true);
    }
  }
}
