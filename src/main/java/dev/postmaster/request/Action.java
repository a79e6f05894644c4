package dev.postmaster.request;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;

/** What a request asks for, by the word in its header {@code action}. */
public enum Action {
  REGISTER("register"),
  TERMINATE("terminate"),
  STATUS("status"),
  LIST("list"),
  AWAIT("await"),
  SIGNAL("signal"),
  PAUSE("pause"),
  DRAIN("drain"),
  RESUME("resume"),
  ADVANCE("advance"),
  ATTACH("attach"),
  DETACH("detach"),
  SHUTDOWN("shutdown"),
  ENTRY_POINTS("entryPoints");

  private final String word;

  Action(String word) {
    this.word = word;
  }

  /** Whether it asks for something to be done. */
  boolean isChange() {
    return switch (this) {
      case STATUS, LIST, AWAIT, ENTRY_POINTS -> false;
      default -> true;
    };
  }

  public String word() {
    return word;
  }

  /**
   * Reads the header.
   *
   * @throws PostmasterException {@code BAD_REQUEST}
   */
  public static Action of(String word) {
    for (Action action : values()) {
      if (action.word.equals(word)) {
        return action;
      }
    }
    throw PostmasterException.of(
        ErrorCode.BAD_REQUEST, "header action: " + Texts.shown(word) + " is not an action");
  }
}
