package io.natator.collector.snapshot;

import io.natator.schemas.ClusterName;

/**
 * The node on which the collector runs.
 *
 * @param cluster name of its cluster
 * @param name in Kubernetes the name of the Node object, otherwise the host name
 */
public record CollectingNode(ClusterName cluster, String name) {}
