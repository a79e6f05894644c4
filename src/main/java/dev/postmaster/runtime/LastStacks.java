package dev.postmaster.runtime;

import dev.postmaster.Handle;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the last failure of each worker happened, or where its thread was given up; in memory only.
 *
 * <p>Units: at most {@value #BYTES_MAX} bytes a stack, {@value #STACKS_MAX} stacks: the oldest go.
 *
 * <p>Threading: any.
 */
final class LastStacks {

  static final int BYTES_MAX = 8_192;

  static final int STACKS_MAX = 1_024;

  private final Map<Handle, String> stacks =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Handle, String> eldest) {
          return size() > STACKS_MAX;
        }
      };

  synchronized void note(Handle worker, String stack) {
    // Newest last, also where it was known before.
    stacks.remove(worker);
    stacks.put(worker, cut(stack));
  }

  private static String cut(String stack) {
    byte[] utf8 = stack.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= BYTES_MAX) {
      return stack;
    }
    int end = BYTES_MAX;
    while ((utf8[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(utf8, 0, end, StandardCharsets.UTF_8);
  }

  synchronized Optional<String> of(Handle worker) {
    return Optional.ofNullable(stacks.get(worker));
  }
}
