/**
 * The Kubernetes side: connecting, watching, distilling what is watched, looking up owners, leading.
 *
 * <p>What it may be granted at least, cluster-wide unless namespaces are named:
 *
 * <ul>
 *   <li>{@code list}, {@code watch}: pods, services, nodes, replicationcontrollers; replicasets, deployments,
 *       statefulsets, daemonsets in {@code apps}; jobs, cronjobs in {@code batch}; endpointslices in
 *       {@code discovery.k8s.io}. Without pods it names nobody; other kinds are unaffected by one that is refused.
 *   <li>{@code get}: the same controllers, for those that are newer than their watch or could not be listed; and the custom
 *       resources that control pods, if their names are wanted.
 *   <li>{@code get}, {@code create}, {@code patch}: leases in {@code coordination.k8s.io}, in its own namespace, for
 *       the election.
 * </ul>
 */
@NullMarked
package io.natator.enricher.cluster;

import org.jspecify.annotations.NullMarked;
