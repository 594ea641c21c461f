package io.natator.collector.owner;

import io.natator.schemas.NameKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names the programs that {@code java}, {@code python} and {@code node} run, because the name of the interpreter says
 * nothing: the file name of the main class, jar, module or script. Other arguments of the command line can contain
 * secrets, so an argument is used only if it is certain what it is. Pure functions, apart from reading the file.
 */
final class ProgramNames {
    /** Maximum number of bytes that are read. Class paths of tens of kilobytes are usual. */
    private static final int MAX_BYTES = 256 * 1024;

    /** The commands of interpreters. Node calls its first thread {@code MainThread} since version 23. */
    private static final Pattern INTERPRETER = Pattern.compile("java|node|nodejs|(node-)?MainThread|python[0-9.]*t?");

    private static final Pattern PYTHON = Pattern.compile("python[0-9.]*t?");
    private static final Pattern CLASS =
            Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*(?:\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*");
    private static final Pattern SCRIPT = Pattern.compile(".+\\.[cm]?[jt]sx?");

    /** Options of {@code java} whose value is the next argument (java(1)). */
    private static final Set<String> JAVA_WITH_VALUE = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--limit-modules",
            "--add-reads",
            "--add-exports",
            "--add-opens",
            "--patch-module",
            "--enable-native-access",
            "--illegal-native-access",
            "--finalization",
            "--source");

    /** Options of {@code java} with two dashes and without a value (java(1)). Options with one dash have no value. */
    private static final Set<String> JAVA_FLAGS =
            Set.of("--enable-preview", "--show-version", "--show-module-resolution");

    /** Options of {@code node} whose value is the next argument (node(1)). */
    private static final Set<String> NODE_WITH_VALUE = Set.of(
            "-r", "--require", "--import", "-C", "--conditions", "--loader", "--experimental-loader", "--env-file");

    /** Options of {@code node} that run code from the command line or from standard input (node(1)). */
    private static final Set<String> NODE_WITHOUT_SCRIPT = Set.of("-", "-e", "--eval", "-p", "--print", "-pe", "-i");

    private ProgramNames() {}

    /**
     * Returns the name of a process's program.
     *
     * @param cmdline {@code /proc/<pid>/cmdline}, see proc_pid_cmdline(5)
     * @return {@link OwnerName#COMMAND} if the command is the best name, or the process has ended
     */
    static OwnerName of(Path cmdline) {
        if (hasOwnCommand(cmdline.resolveSibling("comm"))) {
            return OwnerName.COMMAND;
        }
        try (InputStream file = Files.newInputStream(cmdline)) {
            byte[] bytes = file.readNBytes(MAX_BYTES);
            List<String> arguments = Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\0"));
            // The last argument of a long command line can be incomplete.
            return of(bytes.length < MAX_BYTES ? arguments : arguments.subList(0, arguments.size() - 1));
        } catch (IOException gone) {
            return OwnerName.COMMAND;
        }
    }

    /**
     * Whether the command is not that of an interpreter: a script was started by its own name, or the process has named
     * itself (PR_SET_NAME). Such a command says more than the command line.
     */
    private static boolean hasOwnCommand(Path comm) {
        try {
            String command = Files.readString(comm, StandardCharsets.ISO_8859_1).strip();
            return !INTERPRETER.matcher(command).matches();
        } catch (IOException gone) {
            return false;
        }
    }

    /** @param arguments all arguments, beginning with the program's file */
    static OwnerName of(List<String> arguments) {
        if (arguments.isEmpty()) {
            return OwnerName.COMMAND;
        }
        String interpreter = fileName(arguments.getFirst());
        List<String> rest = arguments.subList(1, arguments.size());
        String program = interpreter.equals("java")
                ? java(rest)
                : interpreter.equals("node") || interpreter.equals("nodejs")
                        ? node(rest)
                        : PYTHON.matcher(interpreter).matches() ? python(rest) : null;
        return Objects.requireNonNullElse(OwnerName.of(program, NameKind.PROCESS), OwnerName.COMMAND);
    }

    /** Names main classes as jps(1) does: without their package. */
    private static @Nullable String java(List<String> arguments) {
        boolean certain = true;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            switch (argument) {
                case "-jar" -> {
                    String jar = i + 1 < arguments.size() ? fileName(arguments.get(i + 1)) : "";
                    return certain || jar.endsWith(".jar") ? jar : null;
                }
                case "-m", "--module" -> {
                    return certain && i + 1 < arguments.size() ? module(arguments.get(i + 1)) : null;
                }
                default -> {
                    if (argument.startsWith("--module=")) {
                        return certain ? module(argument.substring("--module=".length())) : null;
                    }
                    if (JAVA_WITH_VALUE.contains(argument)) {
                        certain = true;
                        i++;
                    } else if (argument.startsWith("@")) {
                        // The file can contain the main class. Then the next arguments are those of the program.
                        certain = false;
                    } else if (!argument.startsWith("-")) {
                        return certain ? mainClass(argument) : null;
                    } else if (argument.startsWith("--") && !argument.contains("=") && !JAVA_FLAGS.contains(argument)) {
                        return null;
                    }
                }
            }
        }
        return null;
    }

    private static @Nullable String module(String argument) {
        String module = argument.substring(0, argument.contains("/") ? argument.indexOf('/') : argument.length());
        return CLASS.matcher(module).matches() ? module : null;
    }

    private static @Nullable String mainClass(String argument) {
        if (argument.endsWith(".java")) {
            return fileName(argument);
        }
        return CLASS.matcher(argument).matches() ? argument.substring(argument.lastIndexOf('.') + 1) : null;
    }

    /** Follows the command line of python(1): options of one letter can be combined, and {@code -W} and {@code -X} have a value. */
    private static @Nullable String python(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--check-hash-based-pycs")) {
                i++;
                continue;
            }
            if (!argument.startsWith("-")) {
                return fileName(argument);
            }
            for (int letter = 1; letter < argument.length(); letter++) {
                boolean last = letter == argument.length() - 1;
                switch (argument.charAt(letter)) {
                    case 'm' -> {
                        String module = !last
                                ? argument.substring(letter + 1)
                                : i + 1 < arguments.size() ? arguments.get(i + 1) : "";
                        return CLASS.matcher(module).matches() ? module : null;
                    }
                    case 'W', 'X' -> {
                        i += last ? 1 : 0;
                        letter = argument.length();
                    }
                    case 'b', 'B', 'd', 'E', 'i', 'I', 'O', 'P', 'q', 'R', 's', 'S', 't', 'u', 'v', 'x' -> {}
                    default -> {
                        return null;
                    }
                }
            }
            if (argument.equals("-")) {
                return null;
            }
        }
        return null;
    }

    private static @Nullable String node(List<String> arguments) {
        boolean certain = true;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (NODE_WITHOUT_SCRIPT.contains(argument)) {
                return null;
            }
            if (NODE_WITH_VALUE.contains(argument)) {
                i++;
            } else if (!argument.startsWith("-")) {
                // After an option that is not known here, this argument can be the option's value.
                return certain || SCRIPT.matcher(argument).matches() ? fileName(argument) : null;
            } else {
                certain = argument.contains("=");
            }
        }
        return null;
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
