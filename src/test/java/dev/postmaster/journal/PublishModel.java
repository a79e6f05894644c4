package dev.postmaster.journal;

import dev.postmaster.journal.RecordedWords.Kind;
import dev.postmaster.journal.RecordedWords.Op;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * All states of one writer's stores and some readers' loads. A store becomes visible to everybody
 * at once, after those that a release, a fence or its place puts before it, and in any order with
 * all others: weaker than x86, and as weak as ARM, where stores are multi-copy atomic.
 */
final class PublishModel {

  /** How many stores are visible, as a set of bits, and where each reader is. */
  private record State(int visible, int first, int second) {}

  private final List<Op> writer;
  private final int[] before;
  private final List<ReaderModel> readers;
  private final Map<String, List<Op>> stores;
  private final Map<String, Integer> bits = new HashMap<>();
  private final Set<String> outcomes = new TreeSet<>();
  private final Set<State> seen = new HashSet<>();
  private final Deque<State> open = new ArrayDeque<>();

  PublishModel(List<Op> program, List<ReaderModel> readers) {
    before = order(program);
    this.readers = readers;
    writer = program.stream().filter(op -> op.kind() != Kind.FENCE).toList();
    stores = writer.stream().collect(Collectors.groupingBy(Op::place));
    for (int store = 0; store < writer.size(); store++) {
      bits.merge(writer.get(store).place(), 1 << store, Integer::sum);
    }
  }

  static List<String> names(List<Op> program) {
    return program.stream().map(Op::toString).toList();
  }

  /** For each access but fences the set of those that come before it for everybody. */
  static int[] order(List<Op> program) {
    List<Op> accesses = program.stream().filter(op -> op.kind() != Kind.FENCE).toList();
    int[] before = new int[accesses.size()];
    int fenced = 0;
    int acquired = 0;
    int at = 0;
    for (Op op : program) {
      int all = (1 << at) - 1;
      if (op.kind() == Kind.FENCE) {
        fenced = all;
        continue;
      }
      before[at] = fenced | acquired | (op.kind() == Kind.RELEASE ? all : 0);
      for (int other = 0; other < at; other++) {
        before[at] |= accesses.get(other).place().equals(op.place()) ? 1 << other : 0;
      }
      acquired |= op.kind() == Kind.ACQUIRE ? 1 << at : 0;
      at++;
    }
    return before;
  }

  Map<String, List<Op>> stores() {
    return stores;
  }

  Set<String> outcomes() {
    return outcomes;
  }

  void cameTo(String outcome) {
    outcomes.add(outcome);
  }

  int states() {
    return seen.size();
  }

  void explore() {
    int second = readers.size() > 1 ? readers.get(1).start() : ReaderModel.DONE;
    visit(new State(0, readers.get(0).start(), second));
    while (!open.isEmpty()) {
      State state = open.pop();
      for (int store = 0; store < writer.size(); store++) {
        boolean isNew = (state.visible >> store & 1) == 0;
        if (isNew && (before[store] & ~state.visible) == 0) {
          visit(new State(state.visible | 1 << store, state.first, state.second));
        }
      }
      for (int next : afterLoads(readers.get(0), state.first, state.visible)) {
        visit(new State(state.visible, next, state.second));
      }
      if (state.second != ReaderModel.DONE) {
        for (int next : afterLoads(readers.get(1), state.second, state.visible)) {
          visit(new State(state.visible, state.first, next));
        }
      }
    }
  }

  private void visit(State state) {
    if (seen.add(state)) {
      open.push(state);
    }
  }

  private Set<Integer> afterLoads(ReaderModel reader, int state, int visible) {
    Set<Integer> next = new TreeSet<>();
    for (int load = 0; state != ReaderModel.DONE && load < reader.loads(state); load++) {
      if (reader.isPossible(state, load)) {
        int stored = bits.getOrDefault(reader.place(state, load), 0);
        next.add(reader.loaded(state, load, Integer.bitCount(visible & stored), this));
      }
    }
    return next;
  }
}
