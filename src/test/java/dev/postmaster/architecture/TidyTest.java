package dev.postmaster.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a reader would stumble over: long classes, long methods, sleeping tests, leftovers. */
class TidyTest {

  private static final int CLASS_LINES_MAX = 400;
  private static final int METHOD_LINES_MAX = 50;
  private static final int COLUMNS_MAX = 100;

  private static final Pattern METHOD_START =
      Pattern.compile("^ {2,6}(?! |return|new |else|throw).*[)\\w] \\{$");
  private static final Pattern SLEEP = Pattern.compile("Thread\\.sleep\\(|\\.sleep\\(\\d");
  private static final Pattern SKIP = Pattern.compile("@Disabled|assumeTrue\\(|assumeFalse\\(");
  private static final Pattern LEFTOVER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  private static List<Path> sources(String root) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(root))) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static List<String> faults(String root, LineCheck check) throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources(root)) {
      check.look(file, Files.readAllLines(file), faults);
    }
    return faults;
  }

  @FunctionalInterface
  private interface LineCheck {
    void look(Path file, List<String> lines, List<String> faults);
  }

  private static LineCheck lines(Pattern pattern) {
    return (file, lines, faults) -> {
      for (int line = 0; line < lines.size(); line++) {
        if (pattern.matcher(lines.get(line)).find()) {
          faults.add(file + ":" + (line + 1) + " " + lines.get(line).strip());
        }
      }
    };
  }

  @Test
  void noClassIsLongerThanTheCeiling() throws IOException {
    List<String> faults =
        faults(
            "src/main/java",
            (file, lines, found) -> {
              if (lines.size() > CLASS_LINES_MAX) {
                found.add(file + " has " + lines.size() + " lines");
              }
            });

    assertEquals(List.of(), faults);
  }

  @Test
  void noMethodIsLongerThanTheCeiling() throws IOException {
    assertEquals(List.of(), faults("src/main/java", TidyTest::methods));
  }

  private static void methods(Path file, List<String> lines, List<String> faults) {
    for (int start = 0; start < lines.size(); start++) {
      String line = lines.get(start);
      boolean isType = line.matches(".*\\b(class|interface|enum|record)\\b.*");
      if (isType || !METHOD_START.matcher(line).matches()) {
        continue;
      }
      int indent = line.length() - line.stripLeading().length();
      // The last line of a wrapped list of parameters stands four further in than its method.
      boolean wrapped = !line.contains("(") && line.contains(")");
      if (wrapped && indent == 4) {
        continue; // the head of a record
      }
      String end = " ".repeat(wrapped ? indent - 4 : indent) + "}";
      int length = lines.subList(start, lines.size()).indexOf(end) + 1;
      if (length > METHOD_LINES_MAX) {
        faults.add(file + ":" + (start + 1) + " has " + length + " lines");
      }
    }
  }

  @Test
  void noLineIsWiderThanTheCeiling() throws IOException {
    for (String root : List.of("src/main/java", "src/test/java", "src/examples/java")) {
      List<String> faults = faults(root, lines(Pattern.compile("^.{" + (COLUMNS_MAX + 1) + ",}$")));

      assertEquals(List.of(), faults);
    }
  }

  @Test
  void noTestSleepsOrIsSkipped() throws IOException {
    assertEquals(
        List.of(),
        faults(
            "src/test/java",
            (file, lines, found) -> {
              if (!file.endsWith("TidyTest.java")) {
                lines(SLEEP).look(file, lines, found);
                lines(SKIP).look(file, lines, found);
              }
            }));
  }

  @Test
  void nothingIsLeftForLater() throws IOException {
    assertEquals(List.of(), faults("src", lines(LEFTOVER)));
  }
}
