package io.natator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * State lives under the names of operators, stores and internal topics: if this test fails, a new version would not find
 * the state of the one before it. Change the file only together with a migration.
 */
class TopologyNamesTest {
    @Test
    void namesAreThoseOfTheVersionBefore() throws IOException {
        String described =
                NatatorTopology.build(TopologyConfig.fromOptions()).describe().toString();

        assertThat(described).isEqualToIgnoringWhitespace(committed());
    }

    private static String committed() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(TopologyNamesTest.class.getResourceAsStream("/topology-description.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
