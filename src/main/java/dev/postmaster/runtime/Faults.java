package dev.postmaster.runtime;

import dev.postmaster.core.End;
import java.nio.charset.StandardCharsets;

/** What is said of a Throwable that came out of somebody's code, however hostile it is. */
final class Faults {

  static final int MESSAGE_BYTES_MAX = 1_024;

  private static final int CAUSES_MAX = 8;
  private static final int FRAMES_MAX = 60;

  private Faults() {}

  /** How a run ends that main left with this. */
  static End end(Throwable thrown) {
    boolean crash = thrown instanceof VirtualMachineError || thrown instanceof AssertionError;
    String message = message(thrown);
    return crash ? End.crashed(message) : End.threw(message);
  }

  /** How a run ends that was not begun. */
  static End startFailed(Throwable thrown) {
    End end = end(thrown);
    return end.code() == 2 ? end : End.startFailed(end.message());
  }

  /** Class and message, at most 1,024 bytes; its methods may throw whatever they like. */
  static String message(Throwable thrown) {
    String name = thrown.getClass().getName();
    String text;
    try {
      text = thrown.getMessage();
    } catch (Throwable hostile) {
      text = "(its message could not be had: " + hostile.getClass().getName() + ')';
    }
    return cut(text == null ? name : name + ": " + text);
  }

  /**
   * Its stack trace, and those of what caused it, of bounded length; no line but ours in it. A
   * logger that was given the Throwable would run its methods, and write what they return.
   */
  static String trace(Throwable thrown) {
    StringBuilder out = new StringBuilder(1_024);
    Throwable next = thrown;
    for (int c = 0; next != null && c < CAUSES_MAX; c++) {
      out.append(c == 0 ? "\n" : "\nCaused by: ").append(onOneLine(message(next)));
      try {
        StackTraceElement[] stack = next.getStackTrace();
        for (int f = 0; f < stack.length && f < FRAMES_MAX; f++) {
          out.append("\n\tat ").append(stack[f]);
        }
        next = next.getCause();
      } catch (Throwable hostile) {
        return out.append("\n\t(the rest could not be had)").toString();
      }
    }
    return out.toString();
  }

  /** What a thread does now, a line a frame. */
  static String trace(StackTraceElement[] stack) {
    StringBuilder out = new StringBuilder(1_024);
    for (StackTraceElement frame : stack) {
      out.append("\n\tat ").append(frame);
    }
    return out.toString();
  }

  /** Cuts at a code point. */
  static String cut(String text) {
    String shorter = text;
    if (shorter.length() > MESSAGE_BYTES_MAX) {
      shorter = shorter.substring(0, MESSAGE_BYTES_MAX);
    }
    int bytes = shorter.getBytes(StandardCharsets.UTF_8).length;
    while (bytes > MESSAGE_BYTES_MAX) {
      int last = shorter.codePointBefore(shorter.length());
      shorter = shorter.substring(0, shorter.length() - Character.charCount(last));
      bytes -= Character.toString(last).getBytes(StandardCharsets.UTF_8).length;
    }
    return shorter;
  }

  /** Nothing in it can end a line, start an escape sequence or turn the writing around. */
  static String onOneLine(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              boolean plain =
                  type != Character.CONTROL
                      && type != Character.FORMAT
                      && type != Character.LINE_SEPARATOR
                      && type != Character.PARAGRAPH_SEPARATOR
                      && type != Character.SURROGATE;
              if (plain) {
                out.appendCodePoint(c);
              } else {
                out.append(String.format("\\u%04x", c));
              }
            });
    return out.toString();
  }
}
