/* Decides from sequence numbers whether a socket is the client or the server, and computes the connection's fingerprint. */
#ifndef NATATOR_TCP_ROLE_AND_FINGERPRINT_BPF_H
#define NATATOR_TCP_ROLE_AND_FINGERPRINT_BPF_H

#include "tcp_payload.bpf.h"

/*
 * The role of a socket whose open was not seen. bytes_acked includes the SYN of the active opener only, whose snd_una starts
 * at its ISN. bytes_sent counts payload only. So the excess of acknowledged and in-flight bytes over payload, less a FIN, is 1
 * at the client and 0 at the server. Any other value decides nothing.
 */
static __always_inline __u8 role_of(const struct tcp_reading *reading)
{
	__s64 excess = (__s64)(reading->bytes_acked + (__u32)(reading->snd_nxt - reading->snd_una) -
			       (reading->bytes_sent - reading->bytes_retrans)) -
		       (fin_is_acked(reading) || fin_is_in_flight(reading));

	return excess == 1 ? NATATOR_CLIENT : excess == 0 ? NATATOR_SERVER : NATATOR_UNKNOWN_ROLE;
}

/* The initial sequence number of either end, plus 1. */
static __always_inline __u32 own_isn(const struct tcp_reading *reading, __u32 counts_syn)
{
	return reading->snd_una - (__u32)reading->bytes_acked + counts_syn;
}

static __always_inline __u32 peer_isn(const struct tcp_reading *reading)
{
	return reading->rcv_nxt - (__u32)reading->bytes_received;
}

/*
 * Client ISN + 1 in the upper half, server ISN + 1 in the lower half. Both ends compute the same value, also through NAT, which
 * does not change sequence numbers. 0 if the role is unknown.
 */
static __always_inline __u64 fingerprint_of(const struct tcp_reading *reading, __u8 role, __u32 counts_syn)
{
	__u32 own = own_isn(reading, counts_syn);
	__u32 peer = peer_isn(reading);

	if (role == NATATOR_CLIENT)
		return (__u64)own << 32 | peer;
	if (role == NATATOR_SERVER)
		return (__u64)peer << 32 | own;
	return 0;
}

#endif
