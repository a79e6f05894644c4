package dev.postmaster.web;

import java.util.Collection;
import java.util.Locale;

/** What somebody may have meant by a word that is not known. */
final class Nearest {

  private static final int SHOWN_MAX = 40;

  private Nearest() {}

  /** {@code unknown state RUNING; did you mean RUNNING?}, or all known ones if none is near. */
  static String unknown(String what, String word, Collection<String> known) {
    String shown = word.length() > SHOWN_MAX ? word.substring(0, SHOWN_MAX) + "…" : word;
    String best = "";
    int least = Math.max(1, shown.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(shown.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    String help =
        best.isEmpty() ? "known are " + String.join(", ", known) : "did you mean " + best + '?';
    return "unknown " + what + ' ' + shown + "; " + help;
  }

  /** Letters to insert, remove or replace (Levenshtein). */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
