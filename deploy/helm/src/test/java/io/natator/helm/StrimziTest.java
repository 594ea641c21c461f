package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.helm.CustomResources.Acl;
import io.natator.helm.CustomResources.AclOperation;
import io.natator.helm.CustomResources.AclResourceType;
import io.natator.helm.CustomResources.KafkaTopic;
import io.natator.helm.CustomResources.KafkaUser;
import io.natator.helm.CustomResources.PatternType;
import io.natator.schemas.Topic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StrimziTest {
    @Test
    void topicsAreThoseThatTheServicesWouldCreate() {
        // When
        Map<String, KafkaTopic> topics = Chart.render("strimzi.yaml")
                .ofKind("KafkaTopic")
                .map(object -> (KafkaTopic) KubernetesModel.read(object))
                .collect(Collectors.toMap(topic -> topic.spec().topicName(), Function.identity()));

        // Then
        Map<String, Map<String, String>> expected =
                Arrays.stream(Topic.values()).collect(Collectors.toMap(topic -> topic.name("map."), Topic::config));
        assertThat(topics.keySet()).isEqualTo(expected.keySet());
        assertThat(topics).allSatisfy((name, topic) -> {
            assertThat(topic.spec().config().entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, entry -> String.valueOf(entry.getValue()))))
                    .isEqualTo(expected.get(name));
            assertThat(topic.spec().partitions()).isEqualTo(24);
            assertThat(topic.spec().replicas()).isEqualTo(3);
            assertThat(topic.metadata().labels()).containsEntry("strimzi.io/cluster", "my-cluster");
        });
    }

    @Test
    void collectorMayOnlyWriteItsOwnTopics() {
        // When
        List<Acl> acls = acls("collector");

        // Then
        assertThat(acls)
                .extracting(acl -> acl.resource().name())
                .containsExactly(Topic.CONNECTIONS.name("map."), Topic.DNS_NAMES.name("map."));
        assertThat(acls)
                .allSatisfy(acl -> assertThat(Set.copyOf(acl.operations()))
                        .isEqualTo(Set.of(AclOperation.Create, AclOperation.Describe, AclOperation.Write)));
    }

    @Test
    void onlyTheTopologyReadsConnectionsAndEachTopicHasOneWriter() {
        // When
        Map<String, List<String>> writers = List.of("collector", "enricher", "topology").stream()
                .flatMap(component -> acls(component).stream()
                        .filter(acl -> acl.resource().type() == AclResourceType.topic
                                && acl.resource().patternType() == PatternType.literal
                                && acl.operations().contains(AclOperation.Write))
                        .map(acl -> Map.entry(acl.resource().name(), component)))
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));

        // Then
        assertThat(writers)
                .isEqualTo(Map.of(
                        "map.connections", List.of("collector"),
                        "map.dns-names", List.of("collector"),
                        "map.identities", List.of("enricher"),
                        "map.links", List.of("topology"),
                        "map.link-throughput", List.of("topology"),
                        "map.network-activity", List.of("topology"),
                        "map.dead-letters", List.of("topology")));
    }

    @Test
    void podsUseTheSecretsOfTheirUsers() {
        // When
        Rendered rendered = Chart.render("strimzi.yaml");

        // Then
        assertThat(rendered.ofKind("KafkaUser").map(Rendered::name))
                .containsExactlyInAnyOrderElementsOf(rendered.workloads()
                        .flatMap(workload -> Rendered.podSpec(workload).findValues("secretName").stream())
                        .map(name -> name.asString())
                        .filter(name -> name.startsWith("natator-"))
                        .toList());
    }

    private static List<Acl> acls(String component) {
        KafkaUser user = (KafkaUser)
                KubernetesModel.read(Chart.render("strimzi.yaml").object("KafkaUser", "natator-" + component));
        return user.spec().authorization().acls();
    }
}
