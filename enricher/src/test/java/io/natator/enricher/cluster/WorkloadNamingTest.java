package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ObjectRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadNamingTest {
    private final WorkloadNaming naming = new WorkloadNaming(List.of("app.kubernetes.io/name", "dag_id"));

    private static Map<String, Object> meta(String name, String generateName, Map<String, String> labels) {
        Map<String, Object> meta = new HashMap<>(Map.of("name", name, "labels", labels));
        if (!generateName.isEmpty()) {
            meta.put("generateName", generateName);
        }
        return meta;
    }

    @ParameterizedTest
    @CsvSource({
        "build-x7k2p, build-, build",
        "run.x7k2p,   run.,   run",
        "a--x7k2p,    a--,    a",
        "buildx7k2p,  build,  build",
        "-x7k2p,      -,      -x7k2p",
        "alone,       '',     alone"
    })
    void podIsNamedByItsGenerateName(String name, String generateName, String expected) {
        assertThat(naming.ofPod(meta(name, generateName, Map.of()))).isEqualTo(expected);
    }

    @Test
    void generateNameRanksBeforeLabelsAndLabelsRankInTheirOrder() {
        Map<String, String> both = Map.of("dag_id", "etl", "app.kubernetes.io/name", "airflow");

        assertThat(naming.ofPod(meta("x-1", "x-", both))).isEqualTo("x");
        assertThat(naming.ofPod(meta("x-1", "", both))).isEqualTo("airflow");
        assertThat(naming.ofPod(meta("x-1", "", Map.of("dag_id", "etl", "app.kubernetes.io/name", ""))))
                .isEqualTo("etl");
    }

    @ParameterizedTest
    @CsvSource({
        "Job,            report,   airflow",
        "Workflow,       report,   x-1",
        "Deployment,     x-1,      x-1",
        "ReplicaSet,     x-1,      x-1",
        "StatefulSet,    x-1,      x-1",
        "DaemonSet,      x-1,      x-1",
        "CronJob,        x-1,      x-1"
    })
    void onlyControllersThatAreMadeForOneRunAreGrouped(String kind, String generated, String labelled) {
        var ref = new ObjectRef(kind, "shop", "x-1");

        assertThat(naming.ofController(ref, meta("x-1", "report-", Map.of())))
                .isEqualTo(new ObjectRef(kind, "shop", generated));
        assertThat(naming.ofController(ref, meta("x-1", "", Map.of("app.kubernetes.io/name", "airflow"))))
                .isEqualTo(new ObjectRef(kind, "shop", labelled));
        assertThat(naming.ofController(ref, meta("x-1", "", Map.of()))).isSameAs(ref);
    }
}
