/**
 * Who owned which address from when until when, as pure bookkeeping: objects of the cluster in, changed records of the
 * {@code identities} topic out. No clock, no network, no threads.
 *
 * <p>When an address is whose:
 *
 * <ul>
 *   <li>A pod's address is its own from the creation of its sandbox, which the API does not tell. It lies between
 *       {@code status.startTime} and the moment the address is reported. The span begins at the start time, because
 *       nobody else can be meant, but never before the end of the previous owner's span.
 *   <li>It gives the address back when its last container has finished ({@code Succeeded}, {@code Failed}, or all
 *       containers terminated under a deletion), at the latest when it is deleted.
 *   <li>The API's times are cut to seconds. Where the end of one owner and the begin of the next fall into one second,
 *       the moments at which the changes were observed decide.
 *   <li>Owners of one address are ordered by when they got it, as far as that is known, else by their start, then by
 *       who was seen first, then by UID. One that still has it comes after those that have ended, unless it had it
 *       before they can have got it.
 *   <li>A node's own address is never a pod's. After it come a Service's cluster addresses, pods, a Service's external
 *       and load balancer addresses, and the addresses of endpoints that are no pods. Of the last two several Services
 *       can share one; as nobody can tell by the address alone which one is meant, it is then nobody's.
 * </ul>
 */
@NullMarked
package io.natator.enricher.ownership;

import org.jspecify.annotations.NullMarked;
