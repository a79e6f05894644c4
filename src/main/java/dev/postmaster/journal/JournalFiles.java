package dev.postmaster.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Makes, maps and sets aside journal files. All of it blocks. */
final class JournalFiles {

  /** How many files that were set aside are kept beside a journal. */
  private static final int ASIDE_MAX = 3;

  private static final int CHUNK = 65_536;
  private static final long NS = 1_000_000;

  private JournalFiles() {}

  /** A new file, whole before it gets its name: a kill leaves it or nothing. */
  static void create(Path path, Geometry geometry) throws IOException {
    removeHalfMade(path);
    Path half = path.resolveSibling(path.getFileName() + ".tmp-" + ProcessHandle.current().pid());
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      try (FileChannel file = FileChannel.open(half, options, ownerOnly(path))) {
        fill(file, geometry.bytes());
        write(file, header(path, geometry), 0);
        file.force(true);
      }
      Files.move(half, path, StandardCopyOption.ATOMIC_MOVE);
      force(path.getParent());
    } catch (IOException unmakable) {
      Files.deleteIfExists(half);
      throw new IOException(
          "journal " + path + " cannot be made: " + unmakable.getMessage(), unmakable);
    }
  }

  private static void removeHalfMade(Path path) throws IOException {
    try (DirectoryStream<Path> halves =
        Files.newDirectoryStream(path.getParent(), path.getFileName() + ".tmp-*")) {
      for (Path half : halves) {
        Files.deleteIfExists(half);
      }
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path path) {
    // Texts of failures may hold what others must not read.
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Zeros that are written, not left out: a full disk is met here, not at a store. */
  private static void fill(FileChannel file, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
    for (long at = 0; at < bytes; at += CHUNK) {
      zeros.clear().limit((int) Math.min(CHUNK, bytes - at));
      write(file, zeros, at);
    }
  }

  private static void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    long to = at;
    while (bytes.hasRemaining()) {
      to += file.write(bytes, to);
    }
  }

  private static ByteBuffer header(Path path, Geometry geometry) {
    ByteBuffer header = Headers.empty();
    long id = new SecureRandom().nextLong() | 1;
    Headers.putIdentity(header, geometry, id, System.currentTimeMillis() * NS);
    String name = path.getFileName().toString().replaceAll("\\.journal$", "");
    String lines = "app=vertx-postmaster\nname=" + name + "\njava=" + Runtime.version() + "\n";
    header.put(Layout.D_TEXT, lines.getBytes(StandardCharsets.UTF_8));
    return header;
  }

  private static void force(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException notHere) {
      // Some systems cannot do that to a directory: the name is then as safe as any.
    }
  }

  /** Maps a file that has the length it says. */
  static MappedByteBuffer map(Path path, Geometry geometry) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (file.size() != geometry.bytes()) {
        // To map beyond the end would make a file with holes.
        throw new IOException("journal " + path + " changes its length under us");
      }
      return file.map(MapMode.READ_WRITE, 0, geometry.bytes());
    }
  }

  /** Gives a file another name, in which it is never written again. */
  static Path setAside(Path path) throws IOException {
    long time = System.currentTimeMillis();
    Path aside = path.resolveSibling(path.getFileName() + ".bad-" + time);
    while (Files.exists(aside)) {
      aside = path.resolveSibling(path.getFileName() + ".bad-" + ++time);
    }
    Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
    keepTheLast(path);
    return aside;
  }

  private static void keepTheLast(Path path) throws IOException {
    List<Path> aside = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(path.getParent(), path.getFileName() + ".bad-*")) {
      files.forEach(aside::add);
    }
    Collections.sort(aside);
    for (Path old : aside.subList(0, Math.max(0, aside.size() - ASIDE_MAX))) {
      Files.deleteIfExists(old);
    }
  }

  /** Sets aside a file that met a fault; where that cannot be, leaves a mark beside it. */
  static String giveUp(Path path, Object fileKey, Writer faulted, long bytes) {
    try {
      Object now = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      if (fileKey != null && !fileKey.equals(now)) {
        return mark(path); // somebody else's by now
      }
      sign(path, faulted, bytes);
      return "set aside as " + setAside(path).getFileName();
    } catch (IOException unmovable) {
      return mark(path);
    }
  }

  /** Says in the file that it met a fault, if it still has the length to say so. */
  private static void sign(Path path, Writer faulted, long bytes) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      if (file.size() == bytes) {
        ByteBuffer header = Headers.empty();
        faulted.put(header);
        header.position(Layout.B_INCARNATION).limit(Layout.C_HEAD);
        write(file, header, Layout.B_INCARNATION);
      }
    }
  }

  private static String mark(Path path) {
    try {
      Files.writeString(faulted(path), "");
      return "marked by " + faulted(path).getFileName();
    } catch (IOException unwritable) {
      return "it could not even be marked: " + unwritable.getMessage();
    }
  }

  /** Where it stands the journal beside it is not gone on with. */
  static Path faulted(Path path) {
    return path.resolveSibling(path.getFileName() + ".faulted");
  }
}
