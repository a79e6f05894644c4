package dev.postmaster.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** What runs in every build against the core, quickest first, until something fails. */
public final class CoreTests {

  private static final String CORE = "dev.postmaster.core";
  private static final String HISTORIES = CORE + ".HistoryTest";
  private static final String SEARCH = CORE + ".SearchTest";

  private CoreTests() {}

  /** Prints the first failure and exits with 1; with 0 if there is none. */
  public static void main(String[] args) {
    run(selectPackage(CORE), HISTORIES + '|' + SEARCH);
    run(selectClass(HISTORIES), "");
    run(selectClass(SEARCH), "");
    System.exit(0);
  }

  private static void run(DiscoverySelector what, String without) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(what)
            .filters(ClassNameFilter.excludeClassNamePatterns(without))
            .build();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, summary);
    summary.getSummary().getFailures().stream()
        .findFirst()
        .ifPresent(
            failure -> {
              String text = String.valueOf(failure.getException()).lines().findFirst().orElse("");
              System.out.println(
                  "caught by " + failure.getTestIdentifier().getDisplayName() + ": " + text);
              System.exit(1);
            });
  }
}
