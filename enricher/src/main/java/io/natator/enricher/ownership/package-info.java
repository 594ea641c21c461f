/**
 * Decides who owned which address from when until when. It receives objects of the cluster and returns changed records of
 * the {@code identities} topic. It uses no clock, no network and no threads.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>A pod owns its address from the creation of its sandbox, which the API does not report. That moment lies between
 *       {@code status.startTime} and the first report of the address. The span begins at the start time, because no other
 *       owner can be meant then, but never before the end of the previous owner's span.
 *   <li>A pod releases its address when its last container has finished ({@code Succeeded}, {@code Failed}, or all
 *       containers terminated under a deletion), and at the latest when it is deleted.
 *   <li>The API cuts times to seconds. If the end of one owner and the begin of the next are in one second, the moments
 *       at which the changes were observed decide.
 *   <li>Owners of one address are ordered by their acquisition if it is known, else by their start, then by their first
 *       observation, then by UID. An owner that still has the address follows those that have ended, unless it had the
 *       address before they can have got it.
 *   <li>A node's own address is never a pod's. The order of precedence is: nodes, Services' cluster addresses, pods,
 *       Services' external and load balancer addresses, addresses of endpoints that are no pods. Several Services can
 *       share an address of the last two; it then has no owner, because the address does not say which Service is meant.
 * </ul>
 */
@NullMarked
package io.natator.enricher.ownership;

import org.jspecify.annotations.NullMarked;
