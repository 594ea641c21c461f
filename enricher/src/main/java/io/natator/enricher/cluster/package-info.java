/**
 * Access to the Kubernetes API: connects, lists and watches, parses objects, looks up controllers, elects a leader.
 *
 * <p>The enricher needs these rights, cluster-wide unless namespaces are configured:
 *
 * <ul>
 *   <li>{@code list}, {@code watch}: pods, services, nodes, replicationcontrollers; replicasets, deployments,
 *       statefulsets, daemonsets in {@code apps}; jobs, cronjobs in {@code batch}; endpointslices in {@code
 *       discovery.k8s.io}. Without the right to list pods, the enricher names nothing. If another kind is refused, the
 *       remaining kinds are unaffected.
 *   <li>{@code get}: the controllers above, because a watch may report a controller late or may be refused. Also custom
 *       resources that control pods, if the enricher should name the pods by them.
 *   <li>{@code get}, {@code create}, {@code patch}: leases in {@code coordination.k8s.io}, in the enricher's namespace,
 *       for the leader election.
 * </ul>
 */
@NullMarked
package io.natator.enricher.cluster;

import org.jspecify.annotations.NullMarked;
