package dev.postmaster.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What identifies this boot of this machine, where the system says so. */
final class Machine {

  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

  private Machine() {}

  /** A number of this boot, never the same for two; 0 if it is not known. */
  static long boot() {
    try {
      String id = Files.readString(BOOT, StandardCharsets.US_ASCII).strip();
      long hash = 0xCBF29CE484222325L; // FNV-1a
      for (byte b : id.getBytes(StandardCharsets.US_ASCII)) {
        hash = (hash ^ b) * 0x100000001B3L;
      }
      return hash;
    } catch (IOException unknown) {
      return 0;
    }
  }

  /** The inode of the namespace of our pid; 0 if it is not known. */
  static long pidNamespace() {
    try {
      String link = Files.readSymbolicLink(NAMESPACE).toString(); // pid:[4026531836]
      return Long.parseLong(link.replaceAll("\\D", ""));
    } catch (IOException | NumberFormatException | UnsupportedOperationException unknown) {
      return 0;
    }
  }
}
