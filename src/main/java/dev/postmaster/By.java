package dev.postmaster;

import java.util.Locale;

/** Who brought a transition about. Codes are those of the journal. */
public enum By {
  POSTMASTER(0),
  WORKER(1),
  CODE(2),
  BUS(3),
  OPERATOR(4),
  ADMIN(5),
  SYSTEM(6);

  private final int code;
  private final String word = name().toLowerCase(Locale.ROOT);

  By(int code) {
    this.code = code;
  }

  public String word() {
    return word;
  }

  public int code() {
    return code;
  }
}
