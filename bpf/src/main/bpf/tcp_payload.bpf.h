/*
 * Computes the payload bytes of a TCP connection from the counters and sequence numbers of its tcp_sock. The kernel
 * counts SYN and FIN as one byte each; the functions here subtract them.
 */
#ifndef NATATOR_TCP_PAYLOAD_BPF_H
#define NATATOR_TCP_PAYLOAD_BPF_H

#include "tcp_reading.bpf.h"

struct tcp_payload {
	__u64 sent;
	__u64 acked;
	__u64 received;
};

static __always_inline bool fin_is_queued(const struct tcp_reading *reading)
{
	return reading->state == TCP_FIN_WAIT1 || reading->state == TCP_FIN_WAIT2 || reading->state == TCP_CLOSING ||
	       reading->state == TCP_LAST_ACK;
}

static __always_inline bool fin_is_acked(const struct tcp_reading *reading)
{
	return fin_is_queued(reading) && reading->snd_una == reading->write_seq;
}

static __always_inline bool fin_is_in_flight(const struct tcp_reading *reading)
{
	return fin_is_queued(reading) && reading->snd_una != reading->write_seq &&
	       reading->snd_nxt == reading->write_seq;
}

/* Returns value - by, or 0 if the result would be negative. */
static __always_inline __u64 minus(__u64 value, __u64 by)
{
	return value > by ? value - by : 0;
}

/*
 * Computes the payload bytes of a connection from a reading of its counters. Sent bytes are acknowledged bytes plus
 * bytes in flight. The other formula, bytes_sent - bytes_retrans, gives too many if the local stack refuses a segment
 * (netfilter, for example).
 *
 * If the members of the reading do not belong to one moment, the result is a lower bound: one byte is subtracted if a
 * counter could include a SYN or FIN, and the smaller result of the two formulas is used for sent bytes. Counters are
 * cumulative, so the next reading corrects a value that is too small. Nothing would correct a value that is too large.
 *
 * syn: 1 if bytes_acked includes this end's SYN, otherwise 0.
 */
static __always_inline void payload_of(const struct tcp_reading *reading, __u64 syn, bool coherent,
				       struct tcp_payload *payload)
{
	__u64 fin_acked = coherent ? fin_is_acked(reading) : fin_is_queued(reading);
	__u64 peer_fin = coherent ? reading->peer_finished : 1;

	payload->received = minus(reading->bytes_received, peer_fin);
	payload->acked = minus(reading->bytes_acked, syn + fin_acked);
	payload->sent = payload->acked + (__u32)(reading->snd_nxt - reading->snd_una) -
			(coherent && fin_is_in_flight(reading));
	if (!coherent) {
		__u64 transmitted = minus(reading->bytes_sent, reading->bytes_retrans);

		if (transmitted < payload->sent)
			payload->sent = transmitted;
		if (payload->acked > payload->sent)
			payload->acked = payload->sent;
	}
}

#endif
