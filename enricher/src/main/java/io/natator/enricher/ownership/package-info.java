/**
 * Decides who owned which address from when until when. It receives objects of the cluster and returns changed records
 * of the {@code identities} topic. It uses no clock, no network and no threads.
 *
 * <p>Terms: a <i>claimant</i> is a node, pod or Service that has an address. A <i>claim</i> records that a claimant had
 * an address. A <i>span</i> is a period in which an address had exactly one owner; spans are computed from claims. A
 * <i>climb</i> follows {@code ownerReferences} from a pod to its top controller.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>A pod owns its address from the creation of its sandbox. The API does not report that moment. It lies between
 *       {@code status.startTime} and the first report of the address. The span begins at {@code status.startTime}, but
 *       never before the end of the previous owner's span.
 *   <li>A pod releases its address when it has finished, see {@link PodLifecycle#of}, and at the latest when it is
 *       deleted.
 *   <li>The API cuts times to seconds. If one owner ends and the next begins in the same second, the times at which the
 *       changes were observed decide.
 *   <li>Owners of one address are ordered by their acquisition if it is known, else by their start, then by their first
 *       observation, then by UID. An owner that still has the address comes after the owners that have ended, unless
 *       the bounds of their times prove another order.
 *   <li>If objects of several kinds claim an address, the first of this list owns it: nodes, Services' cluster
 *       addresses, pods, further interfaces of pods, Services' external and load balancer addresses, addresses of
 *       endpoints that are no pods. If several Services share an external address or an endpoint's address, all of them
 *       own it, and their ports tell them apart. If several pods share the address of a further interface, nobody owns
 *       it.
 * </ul>
 */
@NullMarked
package io.natator.enricher.ownership;

import org.jspecify.annotations.NullMarked;
