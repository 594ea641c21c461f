package io.natator.http.kafka;

import io.natator.schemas.ClusterName;
import java.util.List;
import picocli.CommandLine.Option;

/** The option that names the cluster a service runs in, as a picocli mixin. */
public final class ClusterOptions {
    @Option(
            names = "--cluster-name",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Name of the cluster, the same for its collectors and its enricher; required if several"
                    + " clusters use one --topic-prefix (default: no name).")
    private String clusterName = "";

    /**
     * The name of the cluster.
     *
     * @param problems receives one line if the name is invalid
     */
    public ClusterName name(List<String> problems) {
        var name = new ClusterName(clusterName);
        if (!name.isValid()) {
            problems.add("--cluster-name '" + clusterName + "' is no name of a cluster: use at most 63 letters a to z,"
                    + " digits and hyphens, and none of the words 'ip', 'node', 'nodeport', 'pod', 'pod-ranges' and"
                    + " 'progress'");
        }
        return name;
    }
}
