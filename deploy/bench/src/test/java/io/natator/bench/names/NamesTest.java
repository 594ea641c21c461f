package io.natator.bench.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bench.names.Disturbances.Disturbance;
import io.natator.testcluster.TestClusterExtension;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests {@code deploy/bench/names} by a short run. */
@Timeout(600)
class NamesTest {
    @BeforeAll
    static void requireControlPlane() {
        TestClusterExtension.requireGo();
    }

    @Test
    void namesAreRightWhileTheClusterChangesAndFails() throws Exception {
        // Given
        long seed = new Random().nextInt(1_000_000);
        System.out.println("seed " + seed);
        var size = new NamesRun.Size(
                8,
                120,
                Duration.ofSeconds(12),
                Duration.ofMillis(150),
                seed,
                Duration.ofSeconds(60),
                List.of(Disturbance.COMPACTION, Disturbance.KILL));

        // When
        Findings findings = new NamesRun(size, System.out).run();

        // Then
        System.out.println(findings.right() + " " + findings.others());
        assertThat(findings.wrong()).isEmpty();
        assertThat(findings.right())
                .containsKeys(
                        "addresses",
                        "node ports",
                        "pods",
                        "static pods by hash",
                        "deleted pods",
                        "nodes",
                        "Services' backends",
                        "past owners",
                        "histories in order");
    }
}
