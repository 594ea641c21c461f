/* What the fields of a tcp_sock say about payload: pure functions over one reading of them. */
#ifndef NATATOR_TCP_COUNTERS_BPF_H
#define NATATOR_TCP_COUNTERS_BPF_H

#include "core_fixes.bpf.h"
#include "natator.h"

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
	/* The peer's FIN has been received: SOCK_DONE is set nowhere else (tcp_fin()). */
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
 * Reads without the socket lock. True if nobody held the lock before or after and nothing changed in between: then the
 * fields belong together, since the counters only grow.
 */
static __always_inline bool read_tcp_unlocked(struct tcp_sock *tcp, struct sock *sk, struct tcp_reading *reading,
					      bool probed)
{
	struct tcp_reading again;
	int fence = 0;

	if (!socket_is_busy(sk, probed)) {
		read_tcp(tcp, sk, reading, probed);
		/* A fully ordered atomic for the CPU, since BPF has no barrier of its own, and one for the compiler. */
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

/*
 * Whose SYN is in bytes_acked: only the active opener's, whose snd_una starts at its ISN. bytes_sent counts payload alone,
 * so what is acknowledged or in flight beyond it is SYN and FIN.
 */
static __always_inline __u8 role_of(const struct tcp_reading *reading)
{
	__s64 beyond = (__s64)(reading->bytes_acked + (__u32)(reading->snd_nxt - reading->snd_una) -
			       (reading->bytes_sent - reading->bytes_retrans)) -
		       (fin_is_acked(reading) || fin_is_in_flight(reading));

	return beyond == 1 ? NATATOR_CLIENT : beyond == 0 ? NATATOR_SERVER : NATATOR_UNKNOWN_ROLE;
}

static __always_inline __u64 less(__u64 value, __u64 by)
{
	return value > by ? value - by : 0;
}

/*
 * bytes_sent - bytes_retrans would overcount where the local stack refuses a segment, so what was sent is what is acked
 * plus what is in flight. A reading whose fields may not belong together gives a lower bound: a SYN or FIN that may be in
 * a counter is taken off, and the two ways to count what was sent are compared. Counters are cumulative, so a value that
 * is late by a byte is put right by the next one; one that is ahead never would be.
 */
static __always_inline void payload_of(const struct tcp_reading *reading, __u64 syn, bool coherent,
				       struct tcp_payload *payload)
{
	__u64 fin_acked = coherent ? fin_is_acked(reading) : fin_is_queued(reading);
	__u64 peer_fin = coherent ? reading->peer_finished : 1;

	payload->received = less(reading->bytes_received, peer_fin);
	payload->acked = less(reading->bytes_acked, syn + fin_acked);
	payload->sent = payload->acked + (__u32)(reading->snd_nxt - reading->snd_una) -
			(coherent && fin_is_in_flight(reading));
	if (!coherent) {
		__u64 transmitted = less(reading->bytes_sent, reading->bytes_retrans);

		if (transmitted < payload->sent)
			payload->sent = transmitted;
		if (payload->acked > payload->sent)
			payload->acked = payload->sent;
	}
}

/* The initial sequence numbers, each + 1. */
static __always_inline __u32 own_isn(const struct tcp_reading *reading, __u32 counts_syn)
{
	return reading->snd_una - (__u32)reading->bytes_acked + counts_syn;
}

static __always_inline __u32 peer_isn(const struct tcp_reading *reading)
{
	return reading->rcv_nxt - (__u32)reading->bytes_received;
}

/* Client ISN + 1 in the upper, server ISN + 1 in the lower half: the same on both ends, whatever NAT is between them. */
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

static __always_inline __u8 failure_reason(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return NATATOR_REASON_REFUSED;
	case ETIMEDOUT:
		return NATATOR_REASON_TIMEOUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENOPROTOOPT:
	case EACCES:
		return NATATOR_REASON_UNREACHABLE;
	default:
		return NATATOR_REASON_ABORTED;
	}
}

/*
 * A reset leaves its error in sk_err before the state changes. Without one, a close that did not go through FIN states
 * was ours, by RST: unread data, SO_LINGER of 0, or connect(AF_UNSPEC).
 */
static __always_inline __u8 close_reason(int error, const struct tcp_reading *reading)
{
	switch (error) {
	case ETIMEDOUT:
		return NATATOR_REASON_TIMEOUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENOPROTOOPT:
	case EACCES:
		return NATATOR_REASON_UNREACHABLE;
	case ECONNRESET:
	case ECONNABORTED:
	case ECONNREFUSED:
	case EPIPE:
		return NATATOR_REASON_RESET;
	default:
		return fin_is_queued(reading) ? NATATOR_REASON_FIN : NATATOR_REASON_RESET;
	}
}

#endif
