package dev.postmaster.journal;

import java.nio.ByteBuffer;

/**
 * Who writes a journal: section B.
 *
 * @param incarnation 1, 2, 3: one for each opening of the file
 * @param processStartedMs epoch milliseconds, 0 unknown
 * @param openedNs epoch nanoseconds
 * @param closedNs epoch nanoseconds, 0 while it is open
 * @param first the first sequence number of this incarnation
 * @param state open 1, closed 2, faulted 3
 * @param previous how the incarnation before ended: none 0, closed 1, killed 2
 * @param boot a number of this boot of the machine, 0 unknown
 * @param namespace of the pid, 0 unknown
 * @param damaged records that the opening found damaged
 * @param epoch sixteen bytes
 */
public record Writer(
    long incarnation,
    long pid,
    long processStartedMs,
    long openedNs,
    long closedNs,
    long first,
    int state,
    int previous,
    long boot,
    long namespace,
    long damaged,
    byte[] epoch) {

  Writer closed(long nowNs) {
    return in(Layout.STATE_CLOSED, nowNs);
  }

  Writer faulted() {
    return in(Layout.STATE_FAULTED, 0);
  }

  private Writer in(int newState, long newClosedNs) {
    return new Writer(
        incarnation,
        pid,
        processStartedMs,
        openedNs,
        newClosedNs,
        first,
        newState,
        previous,
        boot,
        namespace,
        damaged,
        epoch);
  }

  public boolean isOpen() {
    return state == Layout.STATE_OPEN;
  }

  public boolean isClosed() {
    return state == Layout.STATE_CLOSED;
  }

  /** Into a header, with its checksum and without its stamp. */
  void put(ByteBuffer header) {
    header.putLong(Layout.B_INCARNATION, incarnation);
    header.putLong(Layout.B_PID, pid);
    header.putLong(Layout.B_PID_STARTED, processStartedMs);
    header.putLong(Layout.B_OPENED, openedNs);
    header.putLong(Layout.B_CLOSED, closedNs);
    header.putLong(Layout.B_FIRST, first);
    header.putInt(Layout.B_STATE, state);
    header.putInt(Layout.B_PREVIOUS, previous);
    header.putLong(Layout.B_BOOT, boot);
    header.putLong(Layout.B_NAMESPACE, namespace);
    header.putLong(Layout.B_DAMAGED, damaged);
    header.put(Layout.B_EPOCH, epoch, 0, Headers.EPOCH_BYTES);
    header.putInt(
        Layout.B_CHECKSUM, Headers.checksum(header, Layout.B_INCARNATION, Layout.B_CHECKSUM));
  }

  /** Out of a header whose checksum was found good. */
  static Writer get(ByteBuffer header) {
    byte[] epoch = new byte[Headers.EPOCH_BYTES];
    header.get(Layout.B_EPOCH, epoch);
    return new Writer(
        header.getLong(Layout.B_INCARNATION),
        header.getLong(Layout.B_PID),
        header.getLong(Layout.B_PID_STARTED),
        header.getLong(Layout.B_OPENED),
        header.getLong(Layout.B_CLOSED),
        header.getLong(Layout.B_FIRST),
        header.getInt(Layout.B_STATE),
        header.getInt(Layout.B_PREVIOUS),
        header.getLong(Layout.B_BOOT),
        header.getLong(Layout.B_NAMESPACE),
        header.getLong(Layout.B_DAMAGED),
        epoch);
  }
}
