package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TopicProgressTest {
    private static final Instant EARLIER = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant LATER = EARLIER.plusSeconds(1);

    private final TopicProgress progress = new TopicProgress();

    @Test
    void isUnknownUntilEveryPartitionHasAProgress() {
        assertThat(progress.completeAsOf()).isEmpty();

        progress.add(IdentityKeys.ofProgress(0), new IdentityProgress(EARLIER, 2));
        assertThat(progress.completeAsOf()).isEmpty();

        progress.add(IdentityKeys.ofProgress(1), new IdentityProgress(LATER, 2));
        assertThat(progress.completeAsOf()).contains(EARLIER);
    }

    @Test
    void laterRecordOfAPartitionReplacesTheEarlierOne() {
        progress.add(IdentityKeys.ofProgress(0), new IdentityProgress(EARLIER, 1));
        progress.add(IdentityKeys.ofProgress(0), new IdentityProgress(LATER, 1));

        assertThat(progress.completeAsOf()).contains(LATER);
    }
}
