package dev.postmaster.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.WorkerState;
import dev.postmaster.examples.Embed;
import dev.postmaster.support.Life;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README shows is what is compiled, and what it points to is there. */
class ReadmeTest {

  private static String readme() throws Exception {
    return Files.readString(Path.of("README.md"));
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private static List<String> compiled() throws Exception {
    try (Stream<Path> files = Files.walk(Path.of("src/examples/java"))) {
      List<String> sources = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sources.add(String.join("\n", lines(Files.readString(file))));
      }
      return sources;
    }
  }

  @Test
  void itsExamplesAreCompiledCode() throws Exception {
    Matcher blocks = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(readme());
    int found = 0;
    while (blocks.find()) {
      found++;
      String block = String.join("\n", lines(blocks.group(1)));
      assertTrue(compiled().stream().anyMatch(source -> source.contains(block)), block);
    }
    assertTrue(found > 1);
  }

  @Test
  void toEmbedItTakesFifteenLines() throws Exception {
    Matcher block = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(readme());
    assertTrue(block.find());

    assertTrue(lines(block.group(1)).size() <= 15, block.group(1));
  }

  @Test
  void itsExampleRuns() throws Exception {
    Vertx vertx = Vertx.vertx();
    CountDownLatch greeted = new CountDownLatch(1);

    assertEquals(WorkerState.RUNNING, Life.get(Embed.start(vertx, greeted::countDown)).state());

    assertTrue(greeted.await(20, TimeUnit.SECONDS));
    Life.get(vertx.close());
  }

  @Test
  void everythingItPointsToIsThere() throws Exception {
    Matcher links = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(readme());
    int found = 0;
    while (links.find()) {
      found++;
      assertTrue(Files.exists(Path.of(links.group(1))), links.group(1));
    }
    assertTrue(found > 5);
  }
}
