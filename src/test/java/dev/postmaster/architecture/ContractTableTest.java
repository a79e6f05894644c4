package dev.postmaster.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/CONTRACT.md} and {@code docs/CASES.md} to what there is. */
class ContractTableTest {

  /**
   * What PostgreSQL 9.4 to 18 have in {@code bgworker.c}; the two size and init functions aside.
   */
  private static final Set<String> FUNCTIONS =
      Set.of(
          "BackgroundWorkerShmemSize",
          "BackgroundWorkerShmemInit",
          "FindRegisteredWorkerBySlotNumber",
          "BackgroundWorkerStateChange",
          "ForgetBackgroundWorker",
          "ReportBackgroundWorkerPID",
          "ReportBackgroundWorkerExit",
          "BackgroundWorkerStopNotifications",
          "ForgetUnstartedBackgroundWorkers",
          "ResetBackgroundWorkerCrashTimes",
          "SanityCheckBackgroundWorker",
          "bgworker_die",
          "BackgroundWorkerEntry",
          "StartBackgroundWorker",
          "RegisterBackgroundWorker",
          "RegisterDynamicBackgroundWorker",
          "GetBackgroundWorkerPid",
          "WaitForBackgroundWorkerStartup",
          "WaitForBackgroundWorkerShutdown",
          "TerminateBackgroundWorker",
          "LookupBackgroundWorkerFunction",
          "GetBackgroundWorkerTypeByPid");

  private static final int LAST_CASE = 217;
  private static final Pattern CASES = Pattern.compile("T-(\\d{3})(?: to T-(\\d{3}))?");
  private static final Pattern FAULT = Pattern.compile("F\\d+");

  /** The rows of clauses and functions. */
  private static List<List<String>> rows() throws IOException {
    return rows("docs/CONTRACT.md").stream()
        .filter(row -> !FAULT.matcher(row.get(0)).matches())
        .toList();
  }

  private static List<List<String>> faults() throws IOException {
    return rows("docs/CONTRACT.md").stream()
        .filter(row -> FAULT.matcher(row.get(0)).matches())
        .toList();
  }

  /** The cells of each row of every table. */
  private static List<List<String>> rows(String document) throws IOException {
    return Files.readAllLines(Path.of(document)).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
        .filter(line -> !line.matches("\\| (clause|function|case|fault) \\|.*"))
        .map(line -> Stream.of(line.split("\\|")).skip(1).map(String::strip).toList())
        .toList();
  }

  private static Map<String, Path> sources(String root) throws IOException {
    Map<String, Path> byName = new HashMap<>();
    try (Stream<Path> files = Files.walk(Path.of(root))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> byName.put(file.getFileName().toString().replace(".java", ""), file));
    }
    return byName;
  }

  private static String plain(String cell) {
    return cell.replace("`", "");
  }

  /** Whether a class of tests has that method. */
  private static boolean exists(String name, Map<String, Path> tests) throws IOException {
    String[] test = name.split("\\.");
    if (test.length != 2 || !tests.containsKey(test[0])) {
      return false;
    }
    return Pattern.compile("^  (void|Stream<DynamicTest>) " + test[1] + "\\(", Pattern.MULTILINE)
        .matcher(Files.readString(tests.get(test[0])))
        .find();
  }

  @Test
  void everyTypeAndEveryTestThatItNamesExists() throws IOException {
    Map<String, Path> types = sources("src/main/java");
    Map<String, Path> tests = sources("src/test/java");
    List<String> missing = new ArrayList<>();
    for (List<String> row : rows()) {
      assertEquals(4, row.size(), row::toString);
      if (!types.containsKey(plain(row.get(2)))) {
        missing.add("type " + row.get(2));
      }
      if (!exists(plain(row.get(3)), tests)) {
        missing.add("test " + row.get(3));
      }
    }

    assertEquals(List.of(), missing);
  }

  @Test
  void everyFaultFromInsideHasTestsThatExist() throws IOException {
    Map<String, Path> tests = sources("src/test/java");
    List<String> missing = new ArrayList<>();
    for (List<String> fault : faults()) {
      assertEquals(3, fault.size(), fault::toString);
      for (String test : plain(fault.get(2)).split(", ")) {
        if (!exists(test, tests)) {
          missing.add("test " + test);
        }
      }
    }

    assertEquals(List.of(), missing);
    assertEquals(
        IntStream.rangeClosed(1, 16).mapToObj(n -> "F" + n).toList(),
        faults().stream().map(fault -> fault.get(0)).toList());
  }

  @Test
  void everySectionOfTheContractThatIsInScopeHasItsRows() throws IOException {
    Set<String> sections =
        rows().stream()
            .map(row -> row.get(0))
            .filter(clause -> clause.startsWith("§"))
            .map(clause -> clause.substring(1).split("[ .]")[0])
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> wanted =
        IntStream.rangeClosed(2, 15)
            .mapToObj(Integer::toString)
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(wanted, sections);
  }

  @Test
  void everyFunctionOfPostgresqlHasItsCounterpart() throws IOException {
    Set<String> named =
        rows().stream()
            .map(row -> row.get(0))
            .filter(cell -> cell.startsWith("`"))
            .map(ContractTableTest::plain)
            .collect(Collectors.toSet());

    assertEquals(new TreeSet<>(FUNCTIONS), new TreeSet<>(named));
    for (List<String> row : rows()) {
      String function = plain(row.get(1));
      boolean isFunction = row.get(0).startsWith("§") && !function.isEmpty();
      assertTrue(!isFunction || FUNCTIONS.contains(function), () -> "no function " + function);
    }
  }

  @Test
  void everyCaseHasOnePlace() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (List<String> row : rows("docs/CASES.md")) {
      Matcher cases = CASES.matcher(row.get(0));
      assertTrue(cases.matches(), row::toString);
      int first = Integer.parseInt(cases.group(1));
      int last = cases.group(2) == null ? first : Integer.parseInt(cases.group(2));
      IntStream.rangeClosed(first, last).forEach(numbers::add);
    }

    assertEquals(IntStream.rangeClosed(1, LAST_CASE).boxed().toList(), numbers);
  }

  @Test
  void everyCaseNamesTestsThatExistOrWhyThereIsNone() throws IOException {
    Map<String, Path> tests = sources("src/test/java");
    List<String> missing = new ArrayList<>();
    for (List<String> row : rows("docs/CASES.md")) {
      assertEquals(3, row.size(), row::toString);
      if (row.get(2).matches("none: .+")) {
        continue;
      }
      for (String test : row.get(2).split(", ")) {
        if (!test.matches("`.+`") || !exists(plain(test), tests)) {
          missing.add(row.get(0) + ": " + test);
        }
      }
    }

    assertEquals(List.of(), missing);
  }
}
