package dev.postmaster.app;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Looks at a YAML document before it is made into objects, where a key that stands twice is lost, a
 * value that holds itself never ends, and a few aliases of aliases fill the memory.
 */
final class YamlShape {

  /** Values, each alias counted as what it stands for. */
  static final int VALUES_MAX = 100_000;

  private final List<String> faults = new ArrayList<>();
  private final Set<Node> around = Collections.newSetFromMap(new IdentityHashMap<>());
  private int values;
  private boolean loadable = true;

  private YamlShape() {}

  /**
   * Adds what is wrong.
   *
   * @return whether it can be made into objects all the same
   */
  static boolean isLoadable(MappingNode top, List<String> faults) {
    YamlShape yaml = new YamlShape();
    yaml.look("", top);
    faults.addAll(yaml.faults);
    return yaml.loadable;
  }

  private void look(String path, Node node) {
    if (!loadable) {
      return;
    }
    if (++values > VALUES_MAX) {
      refuse("holds more than " + VALUES_MAX + " values, aliases counted as what they stand for");
    } else if (!around.add(node)) {
      refuse("line " + line(node) + ": " + path + " holds itself");
    } else {
      if (node instanceof MappingNode mapping) {
        lookAtKeys(path, mapping);
      } else if (node instanceof SequenceNode list) {
        for (int i = 0; i < list.getValue().size(); i++) {
          look(path + '[' + i + ']', list.getValue().get(i));
        }
      }
      around.remove(node);
    }
  }

  private void lookAtKeys(String path, MappingNode mapping) {
    Map<String, Integer> lines = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Node node = tuple.getKeyNode();
      if (!(node instanceof ScalarNode key) || node.getTag().equals(Tag.NULL)) {
        refuse("line " + line(node) + ": a key is no text");
        return;
      }
      String at = path.isEmpty() ? key.getValue() : path + '.' + key.getValue();
      Integer first = lines.putIfAbsent(at, line(key));
      if (first != null) {
        faults.add(at + ": stands twice, in line " + first + " and in line " + line(key));
      }
      look(at, tuple.getValueNode());
    }
  }

  private void refuse(String fault) {
    faults.add(fault);
    loadable = false;
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
