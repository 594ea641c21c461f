package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that the tests named in SECURITY.md exist. */
class SecurityPageTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)?(?:\\.(\\w+))?`");

    @Test
    void namesExistingTests() throws IOException {
        // Given
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(file -> file.toString().matches(".*/src/test/java/.*Test\\.java"))
                    .toList()) {
                sources.put(file.toFile().getName().replace(".java", ""), Files.readString(file));
            }
        }

        // When
        var named = NAMED.matcher(Files.readString(ROOT.resolve("SECURITY.md")));

        // Then
        String type = "";
        while (named.find()) {
            if (named.group(1) != null) {
                type = named.group(1);
            } else if (named.group(2) == null) {
                continue;
            }
            assertThat(sources).containsKey(type);
            if (named.group(2) != null) {
                assertThat(sources.get(type)).contains("void " + named.group(2) + "(");
            }
        }
        assertThat(type).isNotEmpty();
    }
}
