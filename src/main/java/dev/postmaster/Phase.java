package dev.postmaster;

/** How far the application has come (contract §5). It moves forward only and stops nobody. */
public enum Phase implements Stage {
  STARTUP(1),
  CONSISTENT(2),
  RUN(3);

  private final int code;

  Phase(int code) {
    this.code = code;
  }

  @Override
  public String word() {
    return name();
  }

  @Override
  public int code() {
    return code;
  }
}
