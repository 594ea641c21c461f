/*
 * Reads the counters and sequence numbers of a tcp_sock, with or without the socket's lock. tcp_payload.bpf.h and
 * tcp_role_and_fingerprint.bpf.h compute their results from such a reading.
 */
#ifndef NATATOR_TCP_READING_BPF_H
#define NATATOR_TCP_READING_BPF_H

#include "kernel_differences.bpf.h"

/* Copies of members of a tcp_sock, and the state of the socket. */
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
	/* 1 if the peer's FIN has arrived. The source is the flag SOCK_DONE, which only tcp_fin() sets. */
	__u32 peer_finished;
};

/* Reads the members one after the other. The values belong to one moment only if the caller holds the socket's lock. */
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
 * Reads without the socket lock. Returns whether the reading is coherent, which means that all values belong to one
 * moment. It is coherent if nobody held the lock before and after the reading, and two readings in a row gave the same
 * values: counters only grow, so they did not change in between.
 */
static __always_inline bool read_tcp_unlocked(struct tcp_sock *tcp, struct sock *sk, struct tcp_reading *reading,
					      bool probed)
{
	struct tcp_reading again;
	int fence = 0;

	if (!socket_is_busy(sk, probed)) {
		read_tcp(tcp, sk, reading, probed);
		/*
		 * BPF has no memory barrier. The atomic operation keeps the CPU from reordering the reads, and the
		 * empty asm keeps the compiler from it.
		 */
		__sync_fetch_and_add(&fence, 1);
		asm volatile("" ::: "memory");
		read_tcp(tcp, sk, &again, probed);
		if (same_reading(reading, &again) && !socket_is_busy(sk, probed))
			return true;
	}
	read_tcp(tcp, sk, reading, probed);
	return false;
}

#endif
