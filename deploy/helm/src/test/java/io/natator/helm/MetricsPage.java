package io.natator.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads and writes the table of metrics in OPERATIONS.md. */
final class MetricsPage {
    private static final Path PAGE = Path.of("../../OPERATIONS.md");
    private static final String MARK = "<!-- metrics: written by QueriesTest with -Dnatator.metrics.write=true -->\n";
    private static final Pattern HELP = Pattern.compile("(?m)^# HELP ((?:natator|caretta)_\\S+) (.*)$");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE ((?:natator|caretta)_\\S+) (\\S+)$");

    private MetricsPage() {}

    /**
     * Returns name, type and help of each of Natator's metrics in a response of {@code /metrics}, as rows of the table.
     */
    static String rows(String exposition) {
        Map<String, String> types = new TreeMap<>();
        TYPE.matcher(exposition).results().forEach(match -> types.put(match.group(1), match.group(2)));
        Map<String, String> meanings = new TreeMap<>();
        HELP.matcher(exposition)
                .results()
                .forEach(match -> meanings.put(match.group(1), match.group(2).replaceFirst("\\.$", "")));
        return types.entrySet().stream()
                .map(type -> "| `%s` | %s | %s |\n"
                        .formatted(type.getKey(), type.getValue(), meanings.getOrDefault(type.getKey(), "")))
                .collect(Collectors.joining());
    }

    /** Returns the rows of the table that OPERATIONS.md contains. */
    static String read() throws IOException {
        String page = Files.readString(PAGE);
        return page.substring(page.indexOf(MARK) + MARK.length())
                .replaceFirst("(?s)^\\| metric \\| type \\| what \\|\n\\|---\\|---\\|---\\|\n", "");
    }

    static void write(String rows) throws IOException {
        String page = Files.readString(PAGE);
        Files.writeString(
                PAGE,
                page.substring(0, page.indexOf(MARK)) + MARK + "| metric | type | what |\n|---|---|---|\n" + rows);
    }
}
