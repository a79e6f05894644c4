package dev.postmaster.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The token of one life of the program: whoever can read the file may change everything. 256 random
 * bits, in a file that only its owner can read; it goes with the program.
 */
final class TokenFile {

  private static final int BYTES = 32;

  private TokenFile() {}

  /**
   * Makes it, in place of what a killed program has left; never readable by others, and never half
   * written.
   */
  static void make(Path file) throws IOException {
    byte[] bits = new byte[BYTES];
    new SecureRandom().nextBytes(bits);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] owners =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Path made = Files.createTempFile(file.getParent(), "token", ".new", owners);
    try {
      Files.writeString(made, token + "\n", StandardCharsets.US_ASCII);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  static void remove(Path file) throws IOException {
    Files.deleteIfExists(file);
  }
}
