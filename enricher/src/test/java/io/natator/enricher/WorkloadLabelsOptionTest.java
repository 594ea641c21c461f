package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadLabelsOptionTest {
    private static List<String> labels(String... options) {
        return EnricherConfig.fromOptions(options).cluster().workloadLabels();
    }

    @Test
    void isAListThatCanBeEmpty() {
        assertThat(labels()).containsExactly("app.kubernetes.io/name");
        assertThat(labels("--workload-labels=dag_id,jenkins/label")).containsExactly("dag_id", "jenkins/label");
        assertThat(labels("--workload-labels=")).isEmpty();
    }

    @Test
    void refusesWhatIsNoNameOfALabel() {
        assertThat(EnricherConfig.fromOptions("--workload-labels=app,no label,a/b/c,/x")
                        .problems())
                .filteredOn(problem -> problem.startsWith("--workload-labels"))
                .containsExactly(
                        "--workload-labels: 'no label' is no name of a label",
                        "--workload-labels: 'a/b/c' is no name of a label",
                        "--workload-labels: '/x' is no name of a label");
    }
}
