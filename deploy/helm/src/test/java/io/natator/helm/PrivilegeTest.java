package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tests the privileges of the pods on the node, and the rights of their service accounts in the API. */
class PrivilegeTest {
    /**
     * The rights that the enricher's requests need, as {@code verb group/resource}: the enricher lists and watches
     * kinds, and looks up single controllers.
     */
    private static final Set<String> ENRICHER_CLUSTER_CALLS = union(
            calls(Set.of("list", "watch"), "/pods", "/services", "/nodes", "discovery.k8s.io/endpointslices"),
            calls(
                    Set.of("get", "list", "watch"),
                    "/replicationcontrollers",
                    "apps/replicasets",
                    "apps/deployments",
                    "apps/statefulsets",
                    "apps/daemonsets",
                    "batch/jobs",
                    "batch/cronjobs"));

    @Test
    void enricherHasExactlyTheRightsThatItUses() {
        // When
        Rendered rendered = Chart.render("minimal.yaml");

        // Then
        assertThat(RbacRights.of(rendered.object("ClusterRole", Chart.NAMESPACE + "-natator-enricher")))
                .isEqualTo(ENRICHER_CLUSTER_CALLS);
        ObjectNode leaderElection = rendered.object("Role", "natator-enricher");
        assertThat(RbacRights.of(leaderElection))
                .isEqualTo(calls(Set.of("create", "get", "patch"), "coordination.k8s.io/leases"));
        assertThat(leaderElection
                        .path("rules")
                        .path(1)
                        .path("resourceNames")
                        .path(0)
                        .asString())
                .isEqualTo("natator-enricher");
        assertThat(Rendered.container(rendered.workload("enricher"))
                        .path("args")
                        .toString())
                .contains("--lease=natator-enricher");
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void rolesAreBoundToTheEnricherAlone(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        assertThat(rendered.objects())
                .filteredOn(object -> Rendered.kind(object).endsWith("RoleBinding"))
                .allSatisfy(binding -> {
                    JsonNode subject = binding.path("subjects").path(0);
                    String account = Rendered.podSpec(rendered.workload("enricher"))
                            .path("serviceAccountName")
                            .asString();
                    assertThat(subject.path("name").asString()).isEqualTo(account);
                    assertThat(subject.path("namespace").asString()).isEqualTo(Chart.NAMESPACE);
                    JsonNode role = binding.path("roleRef");
                    rendered.object(
                            role.path("kind").asString(), role.path("name").asString());
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"collector", "topology"})
    void podsWithoutApiCallsHaveNoToken(String component) {
        // When
        ObjectNode workload = Chart.render("minimal.yaml").workload(component);

        // Then
        assertThat(Rendered.podSpec(workload)
                        .path("automountServiceAccountToken")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void collectorHasTwoCapabilitiesAndIsNotPrivileged() {
        // When
        ObjectNode collector = Chart.render("minimal.yaml").workload("collector");

        // Then
        JsonNode security = Rendered.container(collector).path("securityContext");
        assertThat(security.path("privileged").asBoolean(true)).isFalse();
        assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.path("capabilities").toString())
                .isEqualTo("{\"drop\":[\"ALL\"],\"add\":[\"BPF\",\"PERFMON\"]}");
        assertThat(Rendered.podSpec(collector).path("hostNetwork").asBoolean(false))
                .isFalse();
        assertThat(Rendered.podSpec(collector).path("tolerations").toString()).isEqualTo("[{\"operator\":\"Exists\"}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"enricher", "topology"})
    void otherPodsFulfilTheRestrictedPodSecurityStandard(String component) {
        // When
        ObjectNode workload = Chart.render("scram.yaml").workload(component);

        // Then
        JsonNode pod = Rendered.podSpec(workload).path("securityContext");
        JsonNode container = Rendered.container(workload).path("securityContext");
        assertThat(pod.path("runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.path("seccompProfile").path("type").asString()).isEqualTo("RuntimeDefault");
        assertThat(container.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(container.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(container.path("capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
        assertThat(Rendered.podSpec(workload).findValues("hostPath")).isEmpty();
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> union = new TreeSet<>(one);
        union.addAll(other);
        return union;
    }

    private static Set<String> calls(Set<String> verbs, String... resources) {
        Set<String> calls = new TreeSet<>();
        for (String resource : resources) {
            verbs.forEach(verb -> calls.add(verb + " " + resource));
        }
        return calls;
    }
}
