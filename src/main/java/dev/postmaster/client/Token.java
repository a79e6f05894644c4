package dev.postmaster.client;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** The token of a request. */
final class Token {

  private Token() {}

  /**
   * The token that is configured, or what its file holds now; empty for none.
   *
   * @return fails with what the file system said, or {@code UNAUTHENTICATED} for a text that cannot
   *     be a token
   */
  static Future<String> of(Vertx vertx, ClientOptions options) {
    return options
        .tokenFile()
        .map(file -> vertx.fileSystem().readFile(file.toString()).map(text -> text.toString()))
        .orElseGet(() -> Future.succeededFuture(options.token()))
        .map(String::strip)
        .compose(Token::checked);
  }

  private static Future<String> checked(String token) {
    return token.chars().allMatch(c -> c > ' ' && c < 127)
        ? Future.succeededFuture(token)
        : Future.failedFuture(
            PostmasterException.of(
                ErrorCode.UNAUTHENTICATED, "the token has characters that no token has"));
  }
}
