package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class ApiServerWatchTest {
    private static final LocalDateTime START = LocalDateTime.of(2026, 1, 2, 10, 0, 0);

    private LocalDateTime now = START;
    private final ApiServerWatch watch = new ApiServerWatch(() -> true, new InstantSource() {
        @Override
        public Instant instant() {
            return now.atZone(ZoneId.systemDefault()).toInstant();
        }
    });

    @Test
    void reportsNothingWhileTheApiServerResponds() {
        watch.onCheck(true);
        watch.onCheck(true);

        assertThat(watch.notice()).isEmpty();
    }

    @Test
    void reportsSinceWhenTheApiServerDoesNotRespond() {
        watch.onCheck(false);
        now = START.plusMinutes(1);
        watch.onCheck(false);

        assertThat(watch.notice())
                .isEqualTo("the Kubernetes API server has not responded since 10:00: new pods have no names until it"
                        + " does");
    }

    @Test
    void reportsSinceWhenTheApiServerRespondsAgain() {
        watch.onCheck(false);
        now = START.plusSeconds(90);
        watch.onCheck(true);

        assertThat(watch.notice()).isEqualTo("the Kubernetes API server responds again since 10:01:30");
    }
}
