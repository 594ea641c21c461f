package io.natator.collector.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.collector.handover.OutageWatch.Change;
import org.junit.jupiter.api.Test;

class OutageWatchTest {
    private final OutageWatch watch = new OutageWatch(5, 100);

    @Test
    void reportsAnOutageOnceAndItsEndOnce() {
        assertThat(watch.observe(true, 100, 104)).isEqualTo(Change.NONE);
        assertThat(watch.observe(true, 100, 105)).isEqualTo(Change.BEGAN);
        assertThat(watch.observe(true, 100, 900)).isEqualTo(Change.NONE);
        assertThat(watch.isOut()).isTrue();
        assertThat(watch.observe(true, 901, 902)).isEqualTo(Change.ENDED);
        assertThat(watch.sinceNanos()).isEqualTo(100);
        assertThat(watch.observe(true, 901, 903)).isEqualTo(Change.NONE);
        assertThat(watch.isOut()).isFalse();
    }

    @Test
    void measuresFromTheLastProgress() {
        assertThat(watch.observe(true, 103, 107)).isEqualTo(Change.NONE);
        assertThat(watch.observe(true, 103, 108)).isEqualTo(Change.BEGAN);
        assertThat(watch.sinceNanos()).isEqualTo(103);
    }

    @Test
    void reportsNoOutageWhileNothingWaits() {
        assertThat(watch.observe(false, 100, 1_000)).isEqualTo(Change.NONE);
        assertThat(watch.observe(true, 100, 1_004)).isEqualTo(Change.NONE);
        assertThat(watch.observe(true, 100, 1_005)).isEqualTo(Change.BEGAN);
        assertThat(watch.observe(false, 100, 1_006)).isEqualTo(Change.ENDED);
    }
}
