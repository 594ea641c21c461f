package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterNameTest {
    private static final ClusterName EU = new ClusterName("eu-1");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip/10.0.0.1",
                "ip/fd00::1",
                "pod/0b7c",
                "node/a",
                "nodeport/tcp/30080",
                "progress/3",
                "pod-ranges"
            })
    void keyOfAClusterIsReadOnlyByThatCluster(String key) {
        assertThat(EU.localKey(EU.key(key))).contains(key);
        assertThat(ClusterName.NONE.localKey(ClusterName.NONE.key(key))).contains(key);
        assertThat(EU.localKey(key)).isEmpty();
        assertThat(ClusterName.NONE.localKey(EU.key(key))).isEmpty();
        assertThat(new ClusterName("eu").localKey(EU.key(key))).isEmpty();
        assertThat(new ClusterName("eu-1x").localKey(EU.key(key))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EU", "eu_1", "eu/1", "-eu", "eu-", "eu.west", "ip", "pod-ranges", " "})
    void nameThatCannotBeAPartOfAKeyIsInvalid(String name) {
        assertThat(new ClusterName(name).isValid()).isFalse();
    }

    @Test
    void labelsAndTheEmptyNameAreValid() {
        assertThat(EU.isValid()).isTrue();
        assertThat(ClusterName.NONE.isValid()).isTrue();
        assertThat(new ClusterName("a".repeat(63)).isValid()).isTrue();
        assertThat(new ClusterName("a".repeat(64)).isValid()).isFalse();
    }

    @Test
    void thingsOfAClusterHaveItsName() {
        assertThat(EU.appendTo("natator.enricher")).isEqualTo("natator.enricher-eu-1");
        assertThat(ClusterName.NONE.appendTo("natator.enricher")).isEqualTo("natator.enricher");
    }
}
