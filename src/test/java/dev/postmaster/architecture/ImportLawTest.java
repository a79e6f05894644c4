package dev.postmaster.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Reads the table of packages in {@code docs/ARCHITECTURE.md} and holds every class to it. */
class ImportLawTest {

  private static final Path TABLE = Path.of("docs/ARCHITECTURE.md");
  private static final String ROOT = "dev.postmaster";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /** One row: a package, and the packages that it may import, {@code ..} for those below. */
  private record Row(String name, List<String> mayImport) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    try (Stream<String> lines = Files.lines(TABLE)) {
      lines
          .filter(line -> line.startsWith("| `" + ROOT))
          .map(line -> line.split("\\|"))
          .forEach(cells -> rows.add(new Row(words(cells[1]).get(0), words(cells[3]))));
    }
    return rows;
  }

  private static List<String> words(String cell) {
    return Stream.of(cell.split("`")).map(String::strip).filter(w -> w.contains(".")).toList();
  }

  @TestFactory
  Stream<DynamicTest> aPackageImportsOnlyWhatTheTableAllows() throws IOException {
    return rows().stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> check(row)));
  }

  private static void check(Row row) {
    List<String> allowed = new ArrayList<>(row.mayImport());
    allowed.add(row.name());
    allowed.add("java..");
    DescribedPredicate<JavaClass> primitives =
        DescribedPredicate.describe("primitives", c -> c.isPrimitive() || c.isArray());

    classes()
        .that()
        .resideInAPackage(row.name())
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new)).or(primitives))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theCoreUsesNoTypeThatMentionsVertx() {
    DescribedPredicate<JavaClass> plain =
        DescribedPredicate.describe(
            "plain types",
            c ->
                !c.getPackageName().equals(ROOT)
                    || c.getDirectDependenciesFromSelf().stream()
                        .noneMatch(
                            d -> d.getTargetClass().getPackageName().startsWith("io.vertx")));

    classes()
        .that()
        .resideInAPackage(ROOT + ".core")
        .should()
        .onlyDependOnClassesThat(plain)
        .check(CLASSES);
  }

  @Test
  void theCoreReadsNoClockAndStartsNoThread() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".core")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat(
            resideInAnyPackage(
                "java.util.concurrent..", "java.nio.file..", "java.nio.channels..", "java.net.."))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsRow() throws IOException {
    List<String> known = rows().stream().map(Row::name).toList();

    assertFalse(known.isEmpty());
    CLASSES.forEach(
        c -> {
          if (!known.contains(c.getPackageName())) {
            throw new AssertionError(c.getPackageName() + " has no row in " + TABLE);
          }
        });
  }
}
