package dev.postmaster.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The meters of one postmaster in a registry, all with its name as a tag, to be taken out again.
 * One that is there already, of a postmaster before it, is replaced: Micrometer would go on with
 * that.
 *
 * <p>Threading: any.
 */
final class Meters {

  private final MeterRegistry registry;
  private final Tags common;
  private final List<Meter> made = new CopyOnWriteArrayList<>();

  Meters(MeterRegistry registry, String postmaster) {
    this.registry = registry;
    common = Tags.of("postmaster", postmaster);
  }

  /** A name and what it means. */
  record Named(String name, String unit, String meaning) {

    static Named of(String name, String meaning) {
      return new Named("postmaster." + name, null, meaning);
    }

    static Named seconds(String name, String meaning) {
      return new Named("postmaster." + name, "seconds", meaning);
    }
  }

  void gauge(Named named, DoubleSupplier figure, String... tags) {
    Tags all = free(named, Meter.Type.GAUGE, tags);
    Supplier<Number> value = figure::getAsDouble;
    made.add(
        Gauge.builder(named.name(), value)
            .description(named.meaning())
            .baseUnit(named.unit())
            .tags(all)
            .register(registry));
  }

  Counter counter(Named named, String... tags) {
    Tags all = free(named, Meter.Type.COUNTER, tags);
    Counter counter =
        Counter.builder(named.name()).description(named.meaning()).tags(all).register(registry);
    made.add(counter);
    return counter;
  }

  /** One for each of those values of an enumeration. */
  <E extends Enum<E>> Map<E, Counter> counters(
      Named named, Set<E> of, String tag, Function<E, String> word) {
    return of.stream()
        .collect(
            Collectors.toUnmodifiableMap(
                value -> value, value -> counter(named, tag, word.apply(value))));
  }

  /** Of something that is counted elsewhere. */
  void counted(Named named, DoubleSupplier figure, String... tags) {
    Tags all = free(named, Meter.Type.COUNTER, tags);
    made.add(
        // Micrometer forgets the object that it is given as soon as nobody else has it, and then
        // shows the last value for ever.
        FunctionCounter.builder(named.name(), registry, has -> figure.getAsDouble())
            .description(named.meaning())
            .tags(all)
            .register(registry));
  }

  /** Durations, counted up to each of those bounds. */
  Timer timer(Named named, Duration... bounds) {
    Tags all = free(named, Meter.Type.TIMER);
    Timer timer =
        Timer.builder(named.name())
            .description(named.meaning())
            .serviceLevelObjectives(bounds)
            .tags(all)
            .register(registry);
    made.add(timer);
    return timer;
  }

  private Tags free(Named named, Meter.Type type, String... tags) {
    Tags all = common.and(tags);
    registry.removeByPreFilterId(
        new Meter.Id(named.name(), all, named.unit(), named.meaning(), type));
    return all;
  }

  /** Takes out those that nobody has replaced. */
  void remove() {
    for (Meter meter : made) {
      Meter.Id id = meter.getId();
      if (registry.find(id.getName()).tags(id.getTags()).meter() == meter) {
        registry.remove(meter);
      }
    }
    made.clear();
  }
}
