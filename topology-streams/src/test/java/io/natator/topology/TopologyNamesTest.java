package io.natator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Tests that the names of operators, stores and internal topics do not change, because state is stored under these
 * names. If this test fails, the new version cannot find the state of the previous version. Change the file
 * topology-description.txt only together with a migration.
 */
class TopologyNamesTest {
    @Test
    void namesEqualThoseOfThePreviousVersion() throws IOException {
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
