package dev.postmaster.journal;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The memory of a journal's file, of which a part can fail at any store, and into which others look
 * between any two stores.
 *
 * <p>From the fault on a page of it is not served, or all from there to the end, as of a file that
 * was cut short. Each access throws then; or stores are lost and loads bring zeros, and the error
 * comes late, as on 17. A page is as small here as a record.
 */
public final class SimulatedMemory extends Words {

  private static final int PAGE = Layout.RECORD_BYTES;
  private static final int LOOK_EVERY = 16;

  private final Geometry geometry;
  private final SplittableRandom random;
  private Runnable others = () -> {};
  private boolean looking;

  /** Stores until the fault. */
  private long left = Long.MAX_VALUE;

  private boolean isLoud;
  private int badFrom = Integer.MAX_VALUE;
  private int badTo;
  private boolean met;

  /**
   * Makes one of zeros.
   *
   * @param capacity records, a power of two, also one that no file may have
   */
  public SimulatedMemory(int capacity, int slots, SplittableRandom random) {
    super(new Geometry(capacity, slots).bytes());
    geometry = new Geometry(capacity, slots);
    this.random = random;
  }

  /** The ring in it, that goes on after that sequence number. */
  public Ring ring(long head) {
    super.setRelease(Layout.C_HEAD, head);
    return new Ring(this, geometry, head + 1, head, 1);
  }

  /** What others do between two stores; they only read. */
  public void look(Runnable then) {
    others = then;
  }

  /** Fails at the store after so many. */
  public void failAfter(long stores) {
    left = stores;
  }

  /** Whether something was asked of it that it could not serve. */
  public boolean isMet() {
    return met;
  }

  /** Whether a part of it is not served. */
  public boolean isBad() {
    return badTo > 0;
  }

  private void fail(int at) {
    isLoud = random.nextBoolean();
    boolean here = random.nextBoolean();
    badFrom = (here ? at : random.nextInt(size())) / PAGE * PAGE;
    badTo = random.nextBoolean() ? badFrom + PAGE : size();
  }

  private boolean isServed(int offset) {
    if (offset < badFrom || offset >= badTo) {
      return true;
    }
    met = true;
    if (isLoud) {
      throw new InternalError("a fault occurred in an unsafe memory access operation");
    }
    return false;
  }

  private boolean isStored(int offset) {
    if (left-- == 0) {
      fail(offset);
    }
    return isServed(offset);
  }

  private void look() {
    if (!looking && random.nextInt(LOOK_EVERY) == 0) {
      looking = true;
      others.run();
      looking = false;
    }
  }

  @Override
  long getOpaque(int offset) {
    return isServed(offset) ? super.getOpaque(offset) : 0;
  }

  @Override
  long getAcquire(int offset) {
    return isServed(offset) ? super.getAcquire(offset) : 0;
  }

  @Override
  void get(int offset, byte[] into, int at, int length) {
    if (isServed(offset)) {
      super.get(offset, into, at, length);
    } else {
      Arrays.fill(into, at, at + length, (byte) 0);
    }
  }

  @Override
  void setOpaque(int offset, long value) {
    if (isStored(offset)) {
      super.setOpaque(offset, value);
    }
    look();
  }

  @Override
  void setRelease(int offset, long value) {
    if (isStored(offset)) {
      super.setRelease(offset, value);
    }
    look();
  }

  /** In two halves, so that others meet one that is half written. */
  @Override
  void put(int offset, byte[] from, int at, int length) {
    if (isStored(offset)) {
      int half = length / 2 / Long.BYTES * Long.BYTES;
      super.put(offset, from, at, half);
      look();
      super.put(offset + half, from, at + half, length - half);
    }
    look();
  }
}
