package dev.postmaster.runtime;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;

/**
 * A postmaster as a verticle: deploying it starts, undeploying it is a fast shutdown, done at its
 * end. The postmaster lives on the event loop that the verticle is deployed on.
 */
public final class PostmasterVerticle implements Deployable {

  private final PostmasterOptions options;
  private Postmaster postmaster;

  public PostmasterVerticle(PostmasterOptions options) {
    this.options = new PostmasterOptions(options);
  }

  @Override
  public Future<?> deploy(Context context) {
    postmaster = new EventLoopPostmaster(context.owner(), options);
    return postmaster.start();
  }

  @Override
  public Future<?> undeploy(Context context) {
    return postmaster.close();
  }

  /**
   * The postmaster, once deployed.
   *
   * @throws IllegalStateException before
   */
  public Postmaster postmaster() {
    if (postmaster == null) {
      throw new IllegalStateException("the verticle is not deployed");
    }
    return postmaster;
  }
}
