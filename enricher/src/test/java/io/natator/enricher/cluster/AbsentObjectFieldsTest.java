package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.enricher.ownership.ClusterObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tests the parser with objects of each watched kind in which one field is {@code null}, absent or empty. Null and
 * absent must have the same result.
 */
class AbsentObjectFieldsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String METADATA = """
            "metadata":{"name":"web","namespace":"shop","uid":"u1","resourceVersion":"7",
              "creationTimestamp":"2026-03-01T10:00:00Z","deletionTimestamp":"2026-03-01T11:00:00Z",
              "generateName":"we-","labels":{"app.kubernetes.io/name":"web","kubernetes.io/service-name":"cart","topology.kubernetes.io/zone":"eu-a",
                "topology.kubernetes.io/region":"eu","failure-domain.beta.kubernetes.io/zone":"eu-b",
                "failure-domain.beta.kubernetes.io/region":"eu-2"},
              "annotations":{"kubernetes.io/config.hash":"h1","kubernetes.io/config.mirror":"h2",
                "k8s.v1.cni.cncf.io/network-status":"[{\\"ips\\":[\\"10.9.0.1\\"]}]"},
              "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-1","uid":"o1","controller":true}]}
            """;
    private static final String STATE = """
            {"state":{"running":{"startedAt":"2026-03-01T10:00:02Z"},
                "terminated":{"startedAt":"2026-03-01T10:00:03Z","finishedAt":"2026-03-01T10:00:04Z"}},
             "lastState":{"terminated":{"startedAt":"2026-03-01T10:00:01Z"}}}
            """;

    private static String whole(WatchedKind kind) {
        return switch (kind) {
            case POD -> """
                    {%s,"spec":{"nodeName":"node-1","hostNetwork":false,
                       "initContainers":[{"ports":[{"containerPort":81,"name":"side"}]}],
                       "containers":[{"ports":[{"containerPort":80,"protocol":"TCP","name":"http"}]}]},
                     "status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
                       "hostIP":"192.168.0.1","hostIPs":[{"ip":"192.168.0.1"}],"startTime":"2026-03-01T10:00:00Z",
                       "conditions":[{"type":"PodReadyToStartContainers","status":"True",
                         "lastTransitionTime":"2026-03-01T10:00:01Z"}],
                       "initContainerStatuses":[%s],"containerStatuses":[%s],"ephemeralContainerStatuses":[%s]}}
                    """.formatted(METADATA, STATE, STATE, STATE);
            case SERVICE -> """
                    {%s,"spec":{"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1","fd00:96::1"],
                       "externalIPs":["198.51.100.7"],"ports":[{"port":80,"name":"http","protocol":"TCP","nodePort":30080}]},
                     "status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.9","hostname":"lb.example.org"}]}}}
                    """.formatted(METADATA);
            case ENDPOINT_SLICE -> """
                    {%s,"addressType":"IPv4","ports":[{"port":80,"protocol":"TCP","name":"http"}],"endpoints":[{"addresses":["10.0.0.1"],
                       "targetRef":{"kind":"Pod","name":"web","uid":"p1"}},{"addresses":["10.9.9.9"]}]}
                    """.formatted(METADATA);
            case NODE -> """
                    {%s,"spec":{"podCIDR":"10.244.0.0/24","podCIDRs":["10.244.0.0/24","2001:db8::/64"]},
                     "status":{"addresses":[{"type":"InternalIP","address":"192.168.0.1"},
                       {"type":"Hostname","address":"node-1.example.org"}]}}
                    """.formatted(METADATA);
            case REPLICA_SET, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB, REPLICATION_CONTROLLER ->
                "{" + METADATA + "}";
        };
    }

    static Stream<Arguments> fields() {
        List<Arguments> all = new ArrayList<>();
        for (WatchedKind kind : WatchedKind.values()) {
            addPaths(kind, "", JSON.readTree(whole(kind)), all);
        }
        return all.stream();
    }

    private static void addPaths(WatchedKind kind, String path, JsonNode node, List<Arguments> all) {
        if (!path.isEmpty()) {
            all.add(Arguments.of(kind, path));
        }
        node.properties()
                .forEach(
                        entry -> addPaths(kind, path + "/" + entry.getKey().replace("/", "~1"), entry.getValue(), all));
        for (int i = 0; node instanceof ArrayNode array && i < array.size(); i++) {
            addPaths(kind, path + "/" + i, array.get(i), all);
        }
    }

    /** The parsed object and the reasons for which fields were excluded. */
    private record Outcome(Optional<ClusterObject> object, List<ExclusionReason> exclusions) {}

    private static Outcome parse(WatchedKind kind, JsonNode object) {
        List<ExclusionReason> exclusions = new ArrayList<>();
        var parser = new ClusterObjectParser(
                InstantSource.fixed(NOW),
                (of, reason) -> exclusions.add(reason),
                new WorkloadNaming(List.of("app.kubernetes.io/name")));
        return new Outcome(parser.parse(kind, JSON.convertValue(object, Map.class)), exclusions);
    }

    @ParameterizedTest
    @MethodSource("fields")
    void treatsANullFieldAsAbsent(WatchedKind kind, String path) {
        // Given
        String field = path.substring(path.lastIndexOf('/') + 1);
        boolean needed = path.equals("/metadata") || path.equals("/metadata/uid") || path.equals("/metadata/name");
        JsonNode withNull = JSON.readTree(whole(kind));
        JsonNode without = JSON.readTree(whole(kind));
        JsonNode withEmpty = JSON.readTree(whole(kind));
        JsonNode empty = JSON.readTree(
                without.at(path).isObject() ? "{}" : without.at(path).isArray() ? "[]" : "\"\"");
        String parent = path.substring(0, path.lastIndexOf('/'));
        switch (without.at(parent)) {
            case ObjectNode object -> {
                object.remove(field.replace("~1", "/"));
                ((ObjectNode) withNull.at(parent)).putNull(field.replace("~1", "/"));
                ((ObjectNode) withEmpty.at(parent)).set(field.replace("~1", "/"), empty);
            }
            case ArrayNode array -> {
                array.remove(Integer.parseInt(field));
                ((ArrayNode) withNull.at(parent)).setNull(Integer.parseInt(field));
                ((ArrayNode) withEmpty.at(parent)).set(Integer.parseInt(field), empty);
            }
            default -> throw new IllegalStateException(path);
        }

        // When
        Outcome ofNull = parse(kind, withNull);
        Outcome ofAbsent = parse(kind, without);
        Outcome ofEmpty = parse(kind, withEmpty);

        // Then
        assertThat(ofNull).isEqualTo(ofAbsent);
        assertThat(ofEmpty.object().isPresent()).isEqualTo(ofAbsent.object().isPresent());
        if (needed) {
            assertThat(ofAbsent.exclusions()).containsExactly(ExclusionReason.NAMELESS);
        } else {
            assertThat(ofAbsent.exclusions()).isEmpty();
            assertThat(ofEmpty.exclusions()).isEmpty();
        }
    }
}
