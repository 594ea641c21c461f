/*
 * Handles the state changes of TCP sockets. When a connection opens, it gets a slot (an entry in the table of open
 * connections) and its open is reported; its close is reported with its final counters. The state program is attached
 * twice; both copies run on_state_change().
 */
#ifndef NATATOR_TCP_STATE_CHANGE_BPF_H
#define NATATOR_TCP_STATE_CHANGE_BPF_H

#include "tcp_close_reason.bpf.h"
#include "tcp_event_dedup.bpf.h"
#include "tcp_filter.bpf.h"
#include "tcp_process.bpf.h"
#include "tcp_record.bpf.h"
#include "tcp_role_and_fingerprint.bpf.h"
#include "tcp_slots.bpf.h"

/* Handles connect(2): the socket changes to TCP_SYN_SENT. Runs in the client's process. */
static __always_inline void on_connect(struct sock *sk, __u64 cookie)
{
	struct connection_slot *slot;

	if (is_excluded(sk, remote_port(sk, false))) {
		count(NATATOR_STATISTIC_EXCLUDED);
		return;
	}
	/*
	 * It does no harm if both copies of the state program handle the same connect(2): this function reports
	 * nothing, and the second copy claims the same slot (table entry) again.
	 */
	slot = claim_slot(sk, cookie, bpf_ktime_get_boot_ns());
	if (!slot) {
		count(NATATOR_STATISTIC_LIVE_SKIPPED);
		return;
	}
	slot->role = role_in_handshake(TCP_SYN_SENT);
	copy_client_process(slot, sk);
	set_slot_state(slot, SLOT_CONNECTING);
}

/*
 * Handles the end of the handshake: reports the open. The server's end of a connection has no slot (table entry) before
 * this moment, because at TCP_SYN_RECV the kernel passes a socket that is only partly cloned from its listener: it has
 * no peer and no cookie yet.
 */
static __always_inline void on_established(struct sock *sk, int old_state, __u64 cookie)
{
	struct connection_slot *slot = find_slot(sk, cookie);
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct tcp_reading reading;
	__u64 now;

	if (!tcp || (slot && slot->state == SLOT_ESTABLISHED))
		return;
	now = bpf_ktime_get_boot_ns();
	if (!slot || slot->state != SLOT_CONNECTING) {
		__u32 role = role_in_handshake(old_state);

		if (is_excluded(sk, server_port(sk, tcp, role))) {
			/* If this end is the client, on_connect() has already counted the excluded connection. */
			if (role == NATATOR_SERVER)
				count(NATATOR_STATISTIC_EXCLUDED);
			return;
		}
		slot = claim_slot(sk, cookie, now);
		if (!slot) {
			count(NATATOR_STATISTIC_LIVE_SKIPPED);
			return;
		}
		slot->role = role;
		slot->counts_syn = role == NATATOR_CLIENT;
		if (role == NATATOR_SERVER)
			copy_server_process(slot, sk, tcp);
	}
	read_tcp(tcp, sk, &reading, false);
	if (is_server_of_simultaneous_open(slot, old_state, &reading))
		slot->role = NATATOR_SERVER;
	slot->fingerprint = fingerprint_of(&reading, slot->role, slot->counts_syn);
	set_slot_state(slot, SLOT_ESTABLISHED);
	report_established(slot, sk, tcp, now);
}

/*
 * Deletes the connection's entry in the map "live", and returns the counters of this entry, because user space has
 * possibly read them.
 */
static __always_inline void remove_live(__u64 cookie, struct reported_counters *reported)
{
	struct natator_record *record = bpf_map_lookup_elem(&live, &cookie);

	if (!record)
		return;
	reported->bytes_sent = record->bytes_sent;
	reported->bytes_acked = record->bytes_acked;
	reported->bytes_received = record->bytes_received;
	reported->segments_sent = record->segments_sent;
	reported->segments_received = record->segments_received;
	reported->retransmits = record->retransmits;
	reported->live = 1;
	bpf_map_delete_elem(&live, &cookie);
}

/*
 * Handles the change to TCP_CLOSE: reports the close, or the failed connect. The socket is locked and its counters are
 * final.
 */
static __always_inline void on_close(struct sock *sk, int old_state, __u64 cookie)
{
	bool failed = old_state == TCP_SYN_SENT || old_state == TCP_SYN_RECV;
	struct connection_slot *slot = find_slot(sk, cookie), connection;
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	__u64 now = bpf_ktime_get_boot_ns();
	struct natator_record record = {};
	struct reported_counters reported = {};
	struct tcp_reading reading;
	struct tcp_payload payload;

	if (!tcp)
		return;
	if (slot) {
		if (!change_slot_state(slot, SLOT_ESTABLISHED, SLOT_CLOSING) &&
		    !change_slot_state(slot, SLOT_CONNECTING, SLOT_CLOSING))
			return;
		connection = *slot;
	} else {
		/* An unfinished handshake is not reported as a connection at the server's end. */
		if (old_state == TCP_SYN_RECV)
			return;
		__builtin_memset(&connection, 0, sizeof(connection));
		connection.cookie = cookie;
		connection.start_nanos = now;
		connection.role = failed ? role_in_handshake(TCP_SYN_SENT) : NATATOR_UNKNOWN_ROLE;
		connection.counts_syn = 1;
	}
	read_tcp(tcp, sk, &reading, false);
	reading.state = old_state;
	if (!failed)
		infer_role_and_fingerprint(&connection, &reading, sk, tcp, false);
	if (slot) {
		if (connection.in_live_map)
			remove_live(cookie, &reported);
		set_slot_state(slot, SLOT_CLOSED);
	} else if (is_excluded(sk, server_port(sk, tcp, connection.role))) {
		return;
	}
	if (!fill_identity(&record, &connection, sk, tcp, now, false))
		return;
	if (failed) {
		count(NATATOR_STATISTIC_FAILED);
		record.event = NATATOR_FAILED;
		record.close_reason = failure_reason(sk->sk_err);
		record.segments_sent = tcp->segs_out;
		record.segments_received = tcp->segs_in;
		record.retransmits = tcp->total_retrans;
	} else {
		count(NATATOR_STATISTIC_CLOSED);
		record.event = NATATOR_CLOSED;
		record.close_reason = close_reason(sk->sk_err, &reading);
		payload_of(&reading, connection.counts_syn, true, &payload);
		fill_counters(&record, &payload, tcp, false);
	}
	report_end(&record, &reported);
}

/* Whether the change of a socket's state begins or ends a connection. */
static __always_inline bool begins_or_ends(int old_state, int new_state)
{
	switch (new_state) {
	case TCP_SYN_SENT:
	case TCP_ESTABLISHED:
		return true;
	case TCP_FIN_WAIT1:
		/*
		 * With TCP Fast Open, a server can close before the handshake is done. Its socket then never becomes
		 * TCP_ESTABLISHED, so its connection begins with this change.
		 */
		return old_state == TCP_SYN_RECV;
	case TCP_CLOSE:
		return old_state != TCP_CLOSE && old_state != TCP_LISTEN;
	default:
		return false;
	}
}

static __always_inline int on_state_change(struct sock *sk, int old_state, int new_state, bool first)
{
	struct handled *events;
	__u64 cookie;

	if (!begins_or_ends(old_state, new_state)) {
		/* Both copies of the program can handle these changes: the second one changes nothing. */
		if (!is_tcp(sk))
			return 0;
		if (new_state == TCP_LISTEN)
			on_listen(sk, first);
		else if (old_state == TCP_LISTEN && new_state == TCP_SYN_RECV)
			store_arrival(sk);
		else if (old_state == TCP_LISTEN && new_state == TCP_CLOSE)
			remove_listener((__u64)sk);
		return 0;
	}
	events = handled_on_this_cpu();
	if (!events || (!first && remove_handled(events, sk, new_state)))
		return 0;
	if (!is_tcp(sk))
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	if (new_state == TCP_SYN_SENT)
		on_connect(sk, cookie);
	else if (new_state == TCP_CLOSE)
		on_close(sk, old_state, cookie);
	else
		on_established(sk, old_state, cookie);
	if (first)
		add_handled(events, cookie, new_state);
	return 0;
}

#endif
