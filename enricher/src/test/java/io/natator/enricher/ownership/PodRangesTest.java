package io.natator.enricher.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.PodRanges;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests the record of the ranges from which nodes give addresses to pods. */
class PodRangesTest {
    private final ModelDriver driver = new ModelDriver();

    private static ClusterObject.Node node(String name, String... ranges) {
        Set<CidrBlock> podRanges = Arrays.stream(ranges).map(CidrBlock::parse).collect(Collectors.toSet());
        return new ClusterObject.Node(
                ModelDriver.metadata(name, 0), Set.of(), Set.of(), ClusterObject.Location.UNKNOWN, podRanges);
    }

    private static List<String> ranges(ModelDriver model) {
        return model.topic.get("pod-ranges") instanceof PodRanges ranges ? ranges.getRanges() : List.of();
    }

    @Test
    void rangesOfAllNodesAreCombined() {
        driver.onObject(1, node("a", "10.244.0.0/24", "2001:db8:0:0::/64"));
        driver.onObject(2, node("b", "10.244.1.0/24", "2001:db8:0:1::/64"));
        driver.onObject(3, node("c", "10.244.9.0/24"));

        assertThat(ranges(driver)).containsExactly("10.244.0.0/23", "10.244.9.0/24", "2001:db8::/63");
    }

    @Test
    void rangesOfADeletedNodeAreRemoved() {
        driver.onObject(1, node("a", "10.244.0.0/24"));
        driver.onObject(2, node("b", "10.244.1.0/24"));
        driver.onDeleted(3, "uid-b");
        assertThat(ranges(driver)).containsExactly("10.244.0.0/24");

        driver.onDeleted(4, "uid-a");
        assertThat(driver.topic).doesNotContainKey("pod-ranges");
    }

    @Test
    void rangesOfAnEarlierRunRemainUntilAllNodesAreListed() {
        // Given
        driver.onObject(1, node("a", "10.244.0.0/24"));
        driver.onObject(2, node("b", "10.244.7.0/24"));
        ModelDriver next = driver.restarted();

        // When
        next.onObject(10, node("a", "10.244.0.0/24"));
        assertThat(ranges(next)).containsExactly("10.244.0.0/24", "10.244.7.0/24");
        next.onListed(11);

        // Then
        assertThat(ranges(next)).containsExactly("10.244.0.0/24");
    }

    @Test
    void unchangedRangesAreNotWrittenAgain() {
        driver.onObject(1, node("a", "10.244.0.0/24"));
        int written = driver.written;

        driver.onObject(2, node("a", "10.244.0.0/24"));
        assertThat(driver.written).isEqualTo(written);
    }

    @Test
    void recordHasALimitedNumberOfRanges() {
        String[] separate = new String[5_000];
        for (int i = 0; i < separate.length; i++) {
            separate[i] = "10.%d.%d.0/24".formatted(i / 100, 2 * (i % 100));
        }

        driver.onObject(1, node("a", separate));

        assertThat(ranges(driver)).hasSize(PodRangesRecord.MAX_RANGES);
        assertThat(driver.model.size().network().podRanges()).isEqualTo(5_000);
    }
}
