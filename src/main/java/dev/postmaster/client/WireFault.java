package dev.postmaster.client;

/** What came is not what the protocol says: of a wrong type, out of range, or out of order. */
final class WireFault extends RuntimeException {

  private static final long serialVersionUID = 1;

  WireFault(String message) {
    super(message, null, false, false);
  }

  /** Something else that came instead, shortened. */
  static String shown(Object value) {
    String text = String.valueOf(value);
    return '"' + (text.length() > 100 ? text.substring(0, 100) + '…' : text) + '"';
  }
}
