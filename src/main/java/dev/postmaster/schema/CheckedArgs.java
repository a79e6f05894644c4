package dev.postmaster.schema;

import dev.postmaster.ArgsSchema;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Arguments of one entry point, held to its schema.
 *
 * <p>Threading: any. The library completes its schemas while it uses them, without synchronization:
 * each validator is one thread's at a time, and goes from hand to hand through a queue. There are
 * as many as threads once checked at the same time.
 */
final class CheckedArgs implements ArgsSchema {

  private final String schema;
  private final Draft draft;
  private final Secrets secrets;
  private final Queue<Validator> idle = new ConcurrentLinkedQueue<>();

  /**
   * Looks at what the schema refers to.
   *
   * @throws IllegalArgumentException if it refers to what is not there
   */
  CheckedArgs(JsonObject schema, Draft draft) {
    this.schema = schema.encode();
    this.draft = draft;
    secrets = new Secrets(schema);
    JsonObject copy = new JsonObject(this.schema);
    JsonSchema root = JsonSchema.of(copy);
    SchemaRepository repository = repository(root);
    new Unchecked(repository).refuse(copy);
    idle.add(repository.validator(root));
  }

  private SchemaRepository repository(JsonSchema root) {
    return SchemaRepository.create(Dialects.options(draft)).dereference(root);
  }

  /**
   * Applies the schema to nothing.
   *
   * @throws IllegalArgumentException if that has no end
   */
  void rehearse() {
    try {
      validate(new JsonObject());
    } catch (StackOverflowError endless) {
      throw new IllegalArgumentException("$ref: the schema refers to itself without an end");
    }
  }

  @Override
  public Optional<String> fault(JsonObject args) {
    // As it would come over a wire: from Java it may hold what JSON does not have.
    JsonObject plain = new JsonObject(args.encode());
    try {
      OutputUnit found = validate(plain);
      return found.getValid()
          ? Optional.empty()
          : Optional.of(BrokenRule.first("args", plain, found, secrets));
    } catch (StackOverflowError | RuntimeException unable) {
      return Optional.of(
          "args: the schema cannot be applied to them, " + unable.getClass().getName());
    }
  }

  private OutputUnit validate(JsonObject args) {
    Validator mine = idle.poll();
    if (mine == null) {
      JsonSchema root = JsonSchema.of(new JsonObject(schema));
      mine = repository(root).validator(root);
    }
    OutputUnit found = mine.validate(args);
    idle.add(mine);
    return found;
  }
}
