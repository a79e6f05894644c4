package dev.postmaster.journal;

/** A file is no journal, or none that can be read; the message says why in a sentence. */
public final class DamagedJournalException extends Exception {

  private static final long serialVersionUID = 1L;

  DamagedJournalException(String message) {
    super(message);
  }
}
