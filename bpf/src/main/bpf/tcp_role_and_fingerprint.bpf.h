/*
 * Decides which end of a TCP connection is the client, and computes the connection's fingerprint.
 *
 * The role of a socket; the first rule that applies decides:
 *   1. The programs saw connect(2): client. In a simultaneous open both ends have called connect(2); the end with the lower
 *      initial sequence number (ISN) is the client (is_server_of_simultaneous_open()).
 *   2. The programs saw a passive open: server (role_in_handshake()).
 *   3. The programs missed the open: the role follows from the socket's counters (role_by_counters()).
 *   4. If the counters do not decide, a socket whose local port has a listener is the server.
 *   5. Otherwise the role is unknown.
 */
#ifndef NATATOR_TCP_ROLE_AND_FINGERPRINT_BPF_H
#define NATATOR_TCP_ROLE_AND_FINGERPRINT_BPF_H

#include "tcp_payload.bpf.h"
#include "tcp_process.bpf.h"
#include "tcp_slots.bpf.h"

/* Returns the role of a socket from the given state of its handshake. Only connect(2) leads to TCP_SYN_SENT. */
static __always_inline __u32 role_in_handshake(int state)
{
	return state == TCP_SYN_SENT ? NATATOR_CLIENT : NATATOR_SERVER;
}

/*
 * Returns the role of a socket whose open was not seen. bytes_acked includes the SYN only at the client, and bytes_sent
 * never includes it. So acknowledged bytes plus bytes in flight, without a FIN, exceed the transmitted payload by 1 at
 * the client and by 0 at the server. With any other difference the role stays unknown.
 */
static __always_inline __u8 role_by_counters(const struct tcp_reading *reading)
{
	__s64 excess = (__s64)(reading->bytes_acked + (__u32)(reading->snd_nxt - reading->snd_una) -
			       (reading->bytes_sent - reading->bytes_retrans)) -
		       (fin_is_acked(reading) || fin_is_in_flight(reading));

	return excess == 1 ? NATATOR_CLIENT : excess == 0 ? NATATOR_SERVER : NATATOR_UNKNOWN_ROLE;
}

/* Returns this socket's initial sequence number (ISN), plus 1. */
static __always_inline __u32 own_isn(const struct tcp_reading *reading, __u32 counts_syn)
{
	return reading->snd_una - (__u32)reading->bytes_acked + counts_syn;
}

/* Returns the peer's initial sequence number (ISN), plus 1. */
static __always_inline __u32 peer_isn(const struct tcp_reading *reading)
{
	return reading->rcv_nxt - (__u32)reading->bytes_received;
}

/*
 * Whether the socket is the server although it called connect(2). In a simultaneous open both ends know both initial
 * sequence numbers, so both ends choose the same client and compute the same fingerprint.
 */
static __always_inline bool is_server_of_simultaneous_open(const struct connection_slot *slot, int old_state,
							   const struct tcp_reading *reading)
{
	return slot->counts_syn && old_state == TCP_SYN_RECV && own_isn(reading, 1) > peer_isn(reading);
}

/*
 * Returns the fingerprint: the client's initial sequence number (ISN) + 1 in the upper 32 bits, and the server's ISN +
 * 1 in the lower 32 bits; 0 if the role is unknown. Both ends compute the same value, because NAT does not change
 * sequence numbers.
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

/* Sets role and fingerprint of a connection whose open the programs missed. */
static __always_inline void infer_role_and_fingerprint(struct connection_slot *connection,
						       const struct tcp_reading *reading, struct sock *sk,
						       struct tcp_sock *tcp, bool probed)
{
	if (connection->role == NATATOR_UNKNOWN_ROLE) {
		connection->role = role_by_counters(reading);
		if (connection->role == NATATOR_UNKNOWN_ROLE && has_listener(sk, tcp, probed))
			connection->role = NATATOR_SERVER;
		connection->counts_syn = connection->role != NATATOR_SERVER;
	}
	if (!connection->fingerprint)
		connection->fingerprint = fingerprint_of(reading, connection->role, connection->counts_syn);
}

#endif
