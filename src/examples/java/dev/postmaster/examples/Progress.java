package dev.postmaster.examples;

/**
 * How far a log was read: the file, by what identifies it, and the place in it.
 *
 * <p>A file is known by its key (device and inode) and by what it begins with: keys are used again
 * once a file is deleted, and a file that is truncated and written anew keeps its key.
 *
 * @param fileKey empty before any file was found, and where files have no keys
 * @param headBytes how many of its first bytes {@code headHash} is of; never beyond the position
 * @param position where the next line begins, or an oversized one goes on, in bytes
 */
record Progress(
    String fileKey, int headBytes, String headHash, long position, boolean isInsideOversized) {

  /** No file was found yet. */
  static final Progress NONE = startOf("");

  /** The beginning of a file. */
  static Progress startOf(String fileKey) {
    return new Progress(fileKey, 0, "", 0, false);
  }

  boolean isNone() {
    return fileKey.isEmpty() && position == 0;
  }
}
