package dev.postmaster;

import java.util.Optional;

/** Whom pause, drain and resume mean; also workers registered later, but for a handle. */
public record Target(Kind kind, String name, Optional<Handle> handle) {

  /**
   * Checks that all is there.
   *
   * @throws PostmasterException {@code BAD_REQUEST} if not, or if a handle stands where none
   *     belongs
   */
  public Target {
    boolean isWhole = kind != null && name != null && handle != null;
    if (!isWhole || handle.isPresent() != (kind == Kind.HANDLE)) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST, "a target has a kind, a name or a handle");
    }
  }

  /** What the name is a name of. */
  public enum Kind {
    HANDLE,
    TYPE,
    GROUP,
    DOMAIN,
    ALL
  }

  public static Target all() {
    return new Target(Kind.ALL, "", Optional.empty());
  }

  public static Target type(String type) {
    return new Target(Kind.TYPE, type, Optional.empty());
  }

  public static Target domain(String domain) {
    return new Target(Kind.DOMAIN, domain, Optional.empty());
  }

  public static Target of(Handle handle) {
    return new Target(Kind.HANDLE, handle.toString(), Optional.of(handle));
  }

  @Override
  public String toString() {
    return kind == Kind.ALL ? "all" : kind.name().toLowerCase(java.util.Locale.ROOT) + ':' + name;
  }
}
