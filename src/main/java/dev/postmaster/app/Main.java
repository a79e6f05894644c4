package dev.postmaster.app;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The program's command line, protocols §5. */
@Command(
    name = "postmaster",
    description = "Supervised background workers for Vert.x.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {Main.Run.class, Inspect.class, Main.Config.class, Main.VersionCommand.class},
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Callable<Integer> {

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  /** Runs a command; the JVM ends with its exit code. */
  public static void main(String[] args) {
    int code = new CommandLine(new Main()).execute(args);
    // Halt, not exit: a thread that ignores us must not keep the process alive.
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(code);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(System.err);
    return Fatal.USAGE;
  }

  /** What the jar's manifest says. */
  static final class Version implements IVersionProvider {

    static String text() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "unpackaged" : version;
    }

    @Override
    public String[] getVersion() {
      return new String[] {"postmaster " + text()};
    }
  }

  /** The supervisor itself. */
  @Command(name = "run", description = "Runs the supervisor.", mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file.")
    Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "Data directory.")
    Path data;

    @Option(names = "--port", paramLabel = "N", description = "HTTP port, 0 for any.")
    Integer port;

    @Option(
        names = "--demo",
        description = "Registers the bundled example workers whose names are not configured.")
    boolean demo;

    @Override
    public Integer call() {
      Map<String, Object> flags = new HashMap<>();
      if (data != null) {
        flags.put("data", data.toString());
      }
      if (port != null) {
        flags.put("http.port", port);
      }
      return Program.run(Optional.ofNullable(config), flags, demo);
    }
  }

  /** Looks at the configuration. */
  @Command(
      name = "config",
      description = "Checks the configuration and names all faults.",
      mixinStandardHelpOptions = true)
  static final class Config implements Callable<Integer> {

    @Option(names = "--check", required = true, description = "Checks it.")
    boolean check;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file.")
    Path config;

    @Override
    public Integer call() {
      return Program.check(Optional.ofNullable(config));
    }
  }

  /** The version. */
  @Command(name = "version", description = "Prints the version.", mixinStandardHelpOptions = true)
  static final class VersionCommand implements Callable<Integer> {

    @Override
    public Integer call() {
      System.out.println("postmaster " + Version.text());
      return 0;
    }
  }
}
