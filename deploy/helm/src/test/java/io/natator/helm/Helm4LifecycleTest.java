package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tests that Helm 4 installs the chart with the README's command, upgrades it, rolls it back and removes it. */
@ExtendWith(ControlPlane.Extension.class)
class Helm4LifecycleTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern INSTALL = Pattern.compile("```\n(helm install .*?)```", Pattern.DOTALL);
    /** The namespace that the README's command uses. */
    private static final String NAMESPACE = "natator";

    private static ControlPlane plane;
    private static CommandLineClients clients;

    @BeforeAll
    static void start(ControlPlane started) throws Exception {
        plane = started;
        clients = plane.clients();
        plane.createVolumes(2, "", "ReadWriteOnce");
    }

    @AfterAll
    static void remove() {
        if (plane != null) {
            plane.removeNamespace(NAMESPACE);
        }
    }

    @Test
    void installsUpgradesRollsBackAndRemoves() throws Exception {
        // Given
        Set<String> before = plane.api().everything();
        Matcher install = INSTALL.matcher(Files.readString(Chart.FOLDER.resolve("README.md")));
        assertThat(install.find()).isTrue();

        // When
        String installed = clients.run(install.group(1).strip() + " --wait --timeout 3m");
        Map<String, JsonNode> asInstalled = declared();
        String upgraded = clients.run("helm upgrade natator deploy/helm/natator -n natator --reset-values"
                + " -f deploy/helm/src/test/resources/values/http.yaml --wait --timeout 3m");
        Map<String, JsonNode> asUpgraded = declared();
        String rolledBack = clients.run("helm rollback natator 1 -n natator --wait --timeout 3m");
        Map<String, JsonNode> asRolledBack = declared();
        String removed = clients.run("helm uninstall natator -n natator --wait --timeout 3m");

        // Then
        assertThat(installed + upgraded + rolledBack + removed).doesNotContainIgnoringCase("warn");
        assertThat(asUpgraded).isNotEqualTo(asInstalled);
        assertThat(asRolledBack).isEqualTo(asInstalled);
        await("nothing is left but the namespace and the claims")
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    Set<String> left = new TreeSet<>(plane.api().everything());
                    left.removeAll(before);
                    assertThat(left)
                            .containsExactlyInAnyOrder(
                                    "namespaces /natator",
                                    "serviceaccounts natator/default",
                                    "configmaps natator/kube-root-ca.crt",
                                    "persistentvolumeclaims natator/state-natator-topology-0",
                                    "persistentvolumeclaims natator/state-natator-topology-1");
                });
    }

    /** The release's objects in the API server, without the fields that the API server sets. */
    private static Map<String, JsonNode> declared() throws Exception {
        Map<String, JsonNode> declared = new TreeMap<>();
        for (ObjectNode object : Chart.objects(clients.run("helm get manifest natator -n natator"))) {
            var live = (ObjectNode) plane.api().live(object);
            live.remove("status");
            ((ObjectNode) live.path("metadata")).retain("name", "namespace", "labels");
            declared.put(Rendered.id(object), live);
        }
        return declared;
    }
}
