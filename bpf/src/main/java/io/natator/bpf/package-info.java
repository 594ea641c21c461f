/**
 * The kernel side of Natator: {@link io.natator.bpf.TcpTracker} and {@link io.natator.bpf.UdpTracker} load the BPF
 * programs, attach them, and read their records.
 */
@NullMarked
package io.natator.bpf;

import org.jspecify.annotations.NullMarked;
