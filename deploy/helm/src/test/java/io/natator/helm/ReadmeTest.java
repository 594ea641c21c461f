package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the chart accepts the examples of its README. */
class ReadmeTest {
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\(([^)]+)\\)");

    @TempDir
    Path folder;

    static Stream<String> examples() throws IOException {
        return EXAMPLE.matcher(readme()).results().map(match -> match.group(1)).toList().stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void acceptsTheExamples(String values) throws IOException {
        // When
        String manifest = Chart.manifestOf(values, folder);

        // Then
        assertThat(Chart.objects(manifest)).hasSizeGreaterThan(10);
    }

    @Test
    void linksLeadToExistingFiles() throws IOException {
        // When
        List<String> links = LINK.matcher(readme())
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();

        // Then
        assertThat(links)
                .isNotEmpty()
                .allSatisfy(link -> assertThat(Chart.FOLDER.resolve(link)).exists());
    }

    private static String readme() throws IOException {
        return Files.readString(Chart.FOLDER.resolve("README.md"));
    }
}
