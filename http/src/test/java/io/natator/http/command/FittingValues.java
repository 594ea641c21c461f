package io.natator.http.command;

import io.natator.http.pki.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Values that an option accepts according to its help. They are derived from the option's label and default. */
final class FittingValues {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(-?\\d+)([a-z]*)");
    private static final Pattern QUOTED = Pattern.compile("'([^']{2,})'");

    private final Path folder;
    private final Map<String, List<String>> further;
    private TestAuthority.@Nullable Issued issued;

    /**
     * Creates the files to which the values refer.
     *
     * @param further valid values for labels that only one command has, by label
     */
    FittingValues(Path folder, Map<String, List<String>> further) {
        this.folder = folder;
        this.further = further;
    }

    /**
     * Returns a value for each alternative in the option's label. Except for fixed words, the values differ from the
     * default.
     */
    List<List<String>> of(HelpOption option) {
        if (option.label().equals(option.label().toLowerCase(java.util.Locale.ROOT))) {
            return List.of(option.alternatives());
        }
        return option.alternatives().stream().map(type -> ofType(type, option)).toList();
    }

    private List<String> ofType(String type, HelpOption option) {
        List<String> own = further.get(type);
        if (own != null) {
            return own;
        }
        String given = option.writtenDefault().orElse(type.equals("DURATION") ? "1m" : "");
        return switch (type) {
            // The value is above the number of processors, because an option's default 0 can stand for that number.
            case "N" -> List.of(number(given, 2, 101), number(given, 2, 102));
            case "BYTES" -> List.of(number(given, 2, 0), number(given, 4, 0));
            case "BITS", "PERCENT" -> List.of(number(given, 0.5, 0), number(given, 0.5, 1));
            case "PORT" -> List.of(number(given, 1, 1000), number(given, 1, 1001));
            case "DURATION" -> List.of(number(given, 2, 0), number(given, 3, 0));
            case "SIZE" -> List.of(number(given, 2, 0), number(given, 3, 0));
            case "HOST:PORT" -> List.of("one.example:9093", "[2001:db8::1]:9093");
            case "HOST[:PORT]" -> List.of("one.example", "one.example:9093");
            case "ADDRESS" -> List.of("127.0.0.1", "::1");
            case "URL" -> List.of("http://one.example:8081", "https://two.example/registry");
            case "NAME" -> List.of("one", "two");
            case "PREFIX" -> List.of("one.", "two-");
            case "CIDR" -> List.of("10.1.0.0/16", "2001:db8::/32");
            case "INODE" -> List.of("4026531840", "4026531841");
            case "DIR" -> List.of(directory("one"), directory("two"));
            case "FILE" -> List.of(file("one", ""), file("two", ""));
            case "PROPERTIES-FILE" ->
                List.of(
                        file("one.properties", "metadata.max.age.ms=60000\n"),
                        file("two.properties", "client.id=two\n"));
            case "TOKEN-FILE" -> List.of(file("one.token", "a-token-of-thirty-two-characters\n"));
            case "NAMES-FILE" -> List.of(file("names", examples(option)));
            case "CERTIFICATE-FILE" -> List.of(issued().certificate().toString());
            case "KEY-FILE" -> List.of(issued().key().toString());
            default ->
                throw new AssertionError(option + ": no value is known for the type '" + type
                        + "': use a type of another option, or add values to FittingValues");
        };
    }

    private static String number(String given, double factor, int more) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(given);
        if (!matcher.matches()) {
            return Integer.toString(4_711 + more);
        }
        return Math.round(Math.abs(Long.parseLong(matcher.group(1))) * factor) + more + matcher.group(2);
    }

    private static String examples(HelpOption option) {
        return QUOTED.matcher(option.description())
                .results()
                .map(match -> match.group(1) + "\n")
                .collect(Collectors.joining());
    }

    private String directory(String name) {
        try {
            return Files.createDirectories(folder.resolve("directories").resolve(name))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String file(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TestAuthority.Issued issued() {
        if (issued == null) {
            try {
                issued = TestAuthority.in(folder.resolve("pki")).issue("server", "dns:localhost");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
        return issued;
    }

    /** Returns the option with a value that differs from its default, as one argument. */
    String argument(HelpOption option) {
        return Stream.concat(
                        of(option).stream().flatMap(List::stream),
                        Stream.of(option.writtenDefault().orElse("")))
                .filter(value -> !value.equals(option.writtenDefault().orElse("")))
                .findFirst()
                .map(value -> option.name() + "=" + value)
                .orElseThrow();
    }
}
