package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that the options that a page or the chart names exist: each is an option of the command that the text is about.
 */
class NamedOptionsTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z0-9-]+");
    private static final Pattern OTHER_PROGRAM = Pattern.compile("(?m)^\\s*(?:kubectl|helm) .*$");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern PARAGRAPHS = Pattern.compile("\\n\\s*\\n|\\n(?=[|*])");
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");

    /**
     * Folders that are not checked, because their pages are about third-party programs or about commands that are not
     * written in Java.
     */
    private static final Set<Path> EXCLUDED = Set.of(Path.of("deploy/test-cluster"));

    static Stream<Path> pages() throws IOException {
        return files(ROOT, file -> file.toString().endsWith(".md"));
    }

    static Stream<Path> chart() throws IOException {
        return files(
                Chart.FOLDER,
                file -> file.startsWith(Chart.FOLDER.resolve("templates")) || file.endsWith("values.yaml"));
    }

    private static Stream<Path> files(Path folder, Predicate<Path> chosen) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(Files::isRegularFile)
                    .filter(file -> Stream.of("target", "data", ".git")
                            .map(Path::of)
                            .noneMatch(hidden -> Stream.iterate(file, path -> path != null, Path::getParent)
                                    .anyMatch(path -> path.endsWith(hidden))))
                    .filter(chosen)
                    .map(ROOT::relativize)
                    .filter(file -> EXCLUDED.stream().noneMatch(file::startsWith))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void optionsInPagesExist(Path page) throws IOException {
        // Given
        String text = Files.readString(ROOT.resolve(page));

        // When
        Stream<String> commands = Stream.concat(
                BLOCK.matcher(text).results().flatMap(match -> match.group().lines()),
                SPAN.matcher(text).results().map(match -> match.group(1)));
        Stream<String> paragraphs = PARAGRAPHS.splitAsStream(BLOCK.matcher(text).replaceAll(""));

        // Then
        assertThat(commands).allSatisfy(NamedOptionsTest::takesItsOptions);
        assertThat(paragraphs)
                .allSatisfy(paragraph -> assertThat(optionsOf(page, paragraph)).containsAll(named(paragraph)));
    }

    @ParameterizedTest
    @MethodSource("chart")
    void optionsInTheChartExist(Path file) throws IOException {
        // When
        String text =
                OTHER_PROGRAM.matcher(Files.readString(ROOT.resolve(file))).replaceAll("");

        // Then
        assertThat(optionsOf(file, ""))
                .containsAll(
                        OPTION.matcher(text).results().map(MatchResult::group).toList());
    }

    private static void takesItsOptions(String line) {
        String stripped = line.strip();
        CommandHelp.names().stream()
                .filter(command -> stripped.startsWith(command + " "))
                .forEach(command -> assertThat(CommandHelp.options(command))
                        .containsAll(OPTION.matcher(stripped)
                                .results()
                                .map(MatchResult::group)
                                .toList()));
    }

    /**
     * Returns the options that a paragraph is allowed to name: those of the page's service and of the commands that the
     * paragraph names. If the page belongs to no service, these are the options of all commands.
     */
    private static Set<String> optionsOf(Path file, String paragraph) {
        boolean own = CommandHelp.names().stream().anyMatch(command -> isOf(command, file));
        Set<String> options = new HashSet<>();
        CommandHelp.names().stream()
                .filter(command -> !own || isOf(command, file) || paragraph.contains(command))
                .forEach(command -> options.addAll(CommandHelp.options(command)));
        return options;
    }

    private static boolean isOf(String command, Path file) {
        return file.endsWith(command + ".yaml") || file.startsWith(command);
    }

    /** Returns the options that a text names. Options within quoted commands are skipped. */
    private static List<String> named(String paragraph) {
        String withoutCommands = SPAN.matcher(paragraph)
                .replaceAll(match -> match.group(1).startsWith("--") ? Matcher.quoteReplacement(match.group(1)) : "");
        return OPTION.matcher(withoutCommands).results().map(MatchResult::group).toList();
    }
}
