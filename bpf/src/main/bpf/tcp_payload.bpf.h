/*
 * Computes the payload bytes of a TCP connection from the counters and sequence numbers of its tcp_sock. The kernel counts SYN
 * and FIN as one byte each; the functions here subtract them.
 */
#ifndef NATATOR_TCP_PAYLOAD_BPF_H
#define NATATOR_TCP_PAYLOAD_BPF_H

#include "kernel_differences.bpf.h"
#include "record_layout.h"

/* The members of a tcp_sock that the computation needs. */
struct tcp_reading {
	__u64 bytes_sent;
	__u64 bytes_retrans;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 write_seq;
	__u32 rcv_nxt;
	__u32 state;
	/* 1 if the peer's FIN has arrived: the flag SOCK_DONE, which only tcp_fin() sets. */
	__u32 peer_finished;
};

struct tcp_payload {
	__u64 sent;
	__u64 acked;
	__u64 received;
};

static __always_inline void read_tcp(struct tcp_sock *tcp, struct sock *sk, struct tcp_reading *reading, bool probed)
{
	reading->bytes_sent = FIELD(probed, tcp, bytes_sent);
	reading->bytes_retrans = FIELD(probed, tcp, bytes_retrans);
	reading->bytes_acked = FIELD(probed, tcp, bytes_acked);
	reading->bytes_received = FIELD(probed, tcp, bytes_received);
	reading->snd_una = FIELD(probed, tcp, snd_una);
	reading->snd_nxt = FIELD(probed, tcp, snd_nxt);
	reading->write_seq = FIELD(probed, tcp, write_seq);
	reading->rcv_nxt = FIELD(probed, tcp, rcv_nxt);
	reading->state = FIELD(probed, sk, __sk_common.skc_state);
	reading->peer_finished = (FIELD(probed, sk, __sk_common.skc_flags) >> SOCK_DONE) & 1;
}

static __always_inline bool same_reading(const struct tcp_reading *one, const struct tcp_reading *other)
{
	return one->bytes_sent == other->bytes_sent && one->bytes_retrans == other->bytes_retrans &&
	       one->bytes_acked == other->bytes_acked && one->bytes_received == other->bytes_received &&
	       one->snd_una == other->snd_una && one->snd_nxt == other->snd_nxt &&
	       one->write_seq == other->write_seq && one->rcv_nxt == other->rcv_nxt &&
	       one->state == other->state && one->peer_finished == other->peer_finished;
}

/*
 * Reads without the socket lock. Returns whether the reading is coherent, which means that all members belong to one moment.
 * It is coherent if nobody held the lock before or after, and two readings in a row are equal, since counters only grow.
 */
static __always_inline bool read_tcp_unlocked(struct tcp_sock *tcp, struct sock *sk, struct tcp_reading *reading,
					      bool probed)
{
	struct tcp_reading again;
	int fence = 0;

	if (!socket_is_busy(sk, probed)) {
		read_tcp(tcp, sk, reading, probed);
		/* BPF has no memory barrier. The atomic operation orders the reads of the CPU, the empty asm those of the compiler. */
		__sync_fetch_and_add(&fence, 1);
		asm volatile("" ::: "memory");
		read_tcp(tcp, sk, &again, probed);
		if (same_reading(reading, &again) && !socket_is_busy(sk, probed))
			return true;
	}
	read_tcp(tcp, sk, reading, probed);
	return false;
}

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

/* value - by, but at least 0. */
static __always_inline __u64 minus(__u64 value, __u64 by)
{
	return value > by ? value - by : 0;
}

/*
 * Computes sent bytes as acknowledged bytes plus bytes in flight. bytes_sent - bytes_retrans would be too large if the local
 * stack refuses a segment (netfilter, for example).
 *
 * An incoherent reading gives a lower bound: a SYN or FIN that may be in a counter is subtracted, and sent bytes are the
 * smaller of the two computations. Counters are cumulative, so the next reading corrects a value that is too small. Nothing
 * would correct a value that is too large.
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
