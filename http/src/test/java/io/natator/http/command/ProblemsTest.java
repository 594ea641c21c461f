package io.natator.http.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemsTest {
    private final Problems problems = new Problems();

    @Test
    void valuesInsideTheirLimitsAreNoProblem() {
        problems.port("--http-port", 0);
        problems.port("--http-port", 65_535);
        problems.atLeast("--rows", 1, 1);
        problems.within("--percent", 100, 0, 100);
        problems.within("--interval", Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofHours(1));
        problems.positive("--timeout", Duration.ofMillis(1));

        assertThat(problems.list()).isEmpty();
    }

    @Test
    void aValueOutsideItsLimitsIsReportedWithTheLimits() {
        problems.port("--http-port", 65_536);
        problems.atLeast("--rows", 0, 1);
        problems.within("--percent", 101, 0, 100);
        problems.within("--interval", Duration.ofMillis(1500), Duration.ofSeconds(90), Duration.ofHours(1));
        problems.positive("--timeout", Duration.ofNanos(1));

        assertThat(problems.list())
                .containsExactly(
                        "--http-port 65536 is no port: 0 (any free) to 65535",
                        "--rows 0 is too small: at least 1",
                        "--percent 101 is out of range: 0 to 100",
                        "--interval 1500ms is out of range: 90s to 1h",
                        "--timeout 0s is too short: at least 1ms");
    }

    @ParameterizedTest
    @CsvSource({"0s", "250ms", "5s", "90s", "2m", "90m", "36h"})
    void aFormattedDurationIsTheTextThatWasParsed(String text) {
        assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"2d, 48h", "60s, 1m", "1000ms, 1s"})
    void aDurationIsFormattedInTheLargestExactUnitUpToHours(String text, String formatted) {
        assertThat(Durations.format(Durations.parse(text))).isEqualTo(formatted);
    }
}
