/**
 * The Kubernetes side: connects, lists and watches, parses objects, looks up controllers, elects a leader.
 *
 * <p>The rights that it needs, cluster-wide unless namespaces are configured:
 *
 * <ul>
 *   <li>{@code list}, {@code watch}: pods, services, nodes, replicationcontrollers; replicasets, deployments,
 *       statefulsets, daemonsets in {@code apps}; jobs, cronjobs in {@code batch}; endpointslices in
 *       {@code discovery.k8s.io}. Without pods it names nothing; if another kind is refused, the others are unaffected.
 *   <li>{@code get}: the same controllers, for those that the watch has not reported yet or that could not be listed; and
 *       the custom resources that control pods, if pods are to be named by them.
 *   <li>{@code get}, {@code create}, {@code patch}: leases in {@code coordination.k8s.io}, in its own namespace, for
 *       the election.
 * </ul>
 */
@NullMarked
package io.natator.enricher.cluster;

import org.jspecify.annotations.NullMarked;
