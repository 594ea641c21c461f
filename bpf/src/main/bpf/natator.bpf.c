/*
 * TCP connections: open, live counters, close.
 *
 * inet_sock_set_state and not the obvious per-segment hooks: it costs nothing while data moves, and at TCP_CLOSE the
 * socket is locked and its counters are final. Typed (tp_btf) and not the classic tracepoint, which has one recursion
 * guard for all programs of a CPU and loses closes through it.
 */
#include "vmlinux.h"
#include "natator.h"
#include "connections.bpf.h"
#include "events.bpf.h"
#include "filter.bpf.h"
#include "hand_over.bpf.h"
#include "listeners.bpf.h"
#include "records.bpf.h"
#include "tcp_counters.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* connect(2): process context, the current task is the client. */
static __always_inline void on_connect(struct sock *sk, __u64 cookie)
{
	struct connection *connection;

	if (is_left_out(sk, remote_port(sk, false))) {
		count(NATATOR_STATISTIC_LEFT_OUT);
		return;
	}
	/* Twice does no harm: nothing is announced yet. */
	connection = take(sk, cookie, bpf_ktime_get_boot_ns());
	if (!connection) {
		count(NATATOR_STATISTIC_LIVE_SKIPPED);
		return;
	}
	connection->role = NATATOR_CLIENT;
	name_process(bpf_get_current_task_btf(), &connection->pid, connection->command);
	keep(connection, STAGE_CONNECTING);
}

/*
 * A passive open is taken here and not at TCP_SYN_RECV, which the kernel reports for a child that is half cloned from its
 * listener: no peer, no cookie of its own. In a simultaneous open both ends have called connect(2), and each knows both
 * initial sequence numbers: the lower one's is the client, so that the two halves are halves of one connection.
 */
static __always_inline void on_established(struct sock *sk, int old_state, __u64 cookie)
{
	struct connection *connection = find(sk, cookie);
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct tcp_reading reading;
	__u64 now;

	if (!tcp || (connection && connection->stage == STAGE_ESTABLISHED))
		return;
	now = bpf_ktime_get_boot_ns();
	if (!connection || connection->stage != STAGE_CONNECTING) {
		__u32 role = old_state == TCP_SYN_SENT ? NATATOR_CLIENT : NATATOR_SERVER;

		if (is_left_out(sk, server_port(sk, tcp, role))) {
			/* A client's end was counted when it began. */
			if (role == NATATOR_SERVER)
				count(NATATOR_STATISTIC_LEFT_OUT);
			return;
		}
		connection = take(sk, cookie, now);
		if (!connection) {
			count(NATATOR_STATISTIC_LIVE_SKIPPED);
			return;
		}
		connection->role = role;
		connection->counts_syn = role == NATATOR_CLIENT;
		if (role == NATATOR_SERVER)
			name_server(connection, sk, tcp, false);
	}
	read_tcp(tcp, sk, &reading, false);
	if (connection->counts_syn && old_state == TCP_SYN_RECV && own_isn(&reading, 1) > peer_isn(&reading))
		connection->role = NATATOR_SERVER;
	connection->fingerprint = fingerprint_of(&reading, connection->role, connection->counts_syn);
	keep(connection, STAGE_ESTABLISHED);
	announce(connection, sk, tcp, now);
}

/* An open socket that the tracepoint never saw, or saw without enough to tell its role. */
static __always_inline void infer(struct connection *connection, const struct tcp_reading *reading, struct sock *sk,
				  struct tcp_sock *tcp, bool probed)
{
	if (connection->role == NATATOR_UNKNOWN_ROLE) {
		connection->role = role_of(reading);
		if (connection->role == NATATOR_UNKNOWN_ROLE && find_listener(sk, tcp, probed))
			connection->role = NATATOR_SERVER;
		connection->counts_syn = connection->role != NATATOR_SERVER;
	}
	if (!connection->fingerprint)
		connection->fingerprint = fingerprint_of(reading, connection->role, connection->counts_syn);
}

/* Takes it out of the live map, and tells what user space may have read there. */
static __always_inline void end_live(__u64 cookie, struct natator_record_seen *seen)
{
	struct natator_record *record = bpf_map_lookup_elem(&live, &cookie);

	if (!record)
		return;
	seen->bytes_sent = record->bytes_sent;
	seen->bytes_acked = record->bytes_acked;
	seen->bytes_received = record->bytes_received;
	seen->segments_sent = record->segments_sent;
	seen->segments_received = record->segments_received;
	seen->retransmits = record->retransmits;
	seen->live = 1;
	bpf_map_delete_elem(&live, &cookie);
}

static __always_inline void on_close(struct sock *sk, int old_state, __u64 cookie)
{
	bool failed = old_state == TCP_SYN_SENT || old_state == TCP_SYN_RECV;
	struct connection *kept = find(sk, cookie), connection;
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	__u64 now = bpf_ktime_get_boot_ns();
	struct natator_record record = {};
	struct natator_record_seen seen = {};
	struct tcp_reading reading;
	struct tcp_payload payload;

	if (!tcp)
		return;
	if (kept) {
		if (!move(kept, STAGE_ESTABLISHED, STAGE_CLOSING) && !move(kept, STAGE_CONNECTING, STAGE_CLOSING))
			return;
		connection = *kept;
	} else {
		/* No connection yet: the server's end of a handshake that is not done. */
		if (old_state == TCP_SYN_RECV)
			return;
		__builtin_memset(&connection, 0, sizeof(connection));
		connection.cookie = cookie;
		connection.start_nanos = now;
		connection.role = failed ? NATATOR_CLIENT : NATATOR_UNKNOWN_ROLE;
		connection.counts_syn = 1;
	}
	read_tcp(tcp, sk, &reading, false);
	reading.state = old_state;
	if (!failed)
		infer(&connection, &reading, sk, tcp, false);
	if (kept) {
		if (connection.seen)
			end_live(cookie, &seen);
		keep(kept, STAGE_CLOSED);
	} else {
		if (is_left_out(sk, server_port(sk, tcp, connection.role)))
			return;
		if (connection.role == NATATOR_SERVER)
			name_server(&connection, sk, tcp, false);
	}
	if (!describe(&record, &connection, sk, tcp, now, false))
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
		measure(&record, &payload, tcp, false);
	}
	hand_over_end(&record, &seen);
}

/* Whether a connection begins or ends. */
static __always_inline bool matters(int old_state, int new_state)
{
	switch (new_state) {
	case TCP_SYN_SENT:
	case TCP_ESTABLISHED:
		return true;
	case TCP_FIN_WAIT1:
		/* TCP Fast Open: a server that closes before the handshake is done is never TCP_ESTABLISHED. */
		return old_state == TCP_SYN_RECV;
	case TCP_CLOSE:
		return old_state != TCP_CLOSE && old_state != TCP_LISTEN;
	default:
		return false;
	}
}

static __always_inline int on_state(struct sock *sk, int old_state, int new_state, bool first)
{
	struct handled *events;
	__u64 cookie;

	if (!matters(old_state, new_state)) {
		if (new_state == TCP_LISTEN && is_tcp(sk))
			remember_listener(sk, bpf_get_current_task_btf(), BPF_ANY);
		return 0;
	}
	events = handled_here();
	if (!events || (!first && was_handled(events, sk, new_state)))
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
		remember_event(events, cookie, new_state);
	return 0;
}

/*
 * Twice the same: a program is not re-entrant on a CPU (recursion_misses), so a softirq that interrupts one copy finds the
 * other free. An event that the first copy has handled is none for the second.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_one, struct sock *sk, int old_state, int new_state)
{
	return on_state(sk, old_state, new_state, true);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_two, struct sock *sk, int old_state, int new_state)
{
	return on_state(sk, old_state, new_state, false);
}

/*
 * The parts in which places are gone through: so many are one run of the iterator. The verifier follows every round of the
 * loop; a run costs about as much as the check of 20 places.
 */
#define PLACES_AT_ONCE 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (1 << 17) / PLACES_AT_ONCE);
	__type(key, __u32);
	__type(value, __u32);
} parts SEC(".maps");

/*
 * Counters of a connection that is kept into the live map. No lock is taken, and socket and place may pass on to another
 * connection at any moment: what was read counts if the cookie is still the same afterwards. The close that happens
 * meanwhile has moved the stage before it looks whether the connection was seen, so one of the two takes it out of the live
 * map.
 */
static __always_inline void refresh(struct connection *kept, struct connection *connection, struct sock *sk,
				    struct tcp_sock *tcp, bool probed)
{
	struct natator_record record = {.event = NATATOR_LIVE};
	struct tcp_reading reading;
	struct tcp_payload payload;
	bool coherent = read_tcp_unlocked(tcp, sk, &reading, probed);

	/* The state changes after the programs have run: what is kept although it has ended was missed. */
	if (reading.state == TCP_CLOSE ||
	    FIELD(probed, sk, __sk_common.skc_cookie.counter) != (__s64)connection->cookie) {
		if (kept->cookie == connection->cookie && move(kept, connection->stage, STAGE_CLOSED) &&
		    connection->seen)
			bpf_map_delete_elem(&live, &connection->cookie);
		return;
	}
	if (connection->stage != STAGE_ESTABLISHED)
		return;
	if (coherent)
		infer(connection, &reading, sk, tcp, probed);
	payload_of(&reading, connection->counts_syn, coherent, &payload);
	measure(&record, &payload, tcp, probed);
	if (!describe(&record, connection, sk, tcp, bpf_ktime_get_boot_ns(), probed) ||
	    FIELD(probed, sk, __sk_common.skc_cookie.counter) != (__s64)connection->cookie)
		return;
	if (bpf_map_update_elem(&live, &connection->cookie, &record, BPF_ANY)) {
		count(NATATOR_STATISTIC_LIVE_SKIPPED);
		return;
	}
	__sync_lock_test_and_set(&kept->seen, 1);
	if (kept->stage != STAGE_ESTABLISHED || kept->cookie != connection->cookie)
		bpf_map_delete_elem(&live, &connection->cookie);
}

/*
 * Global, not static: the verifier checks a global function once, by itself, and a static one again in every round of the
 * loop that calls it. bpf_loop() would need Linux 5.17.
 */
__noinline int refresh_place(__u32 index)
{
	struct connection *kept = bpf_map_lookup_elem(&connections, &index), connection;
	struct tcp_sock *tcp;

	if (!kept || (kept->stage != STAGE_ESTABLISHED && kept->stage != STAGE_CONNECTING))
		return 0;
	connection = *kept;
#ifdef NATATOR_TYPED
	tcp = bpf_rdonly_cast((void *)connection.socket, bpf_core_type_id_kernel(struct tcp_sock));
	refresh(kept, &connection, &tcp->inet_conn.icsk_inet.sk, tcp, false);
#else
	tcp = (struct tcp_sock *)connection.socket;
	refresh(kept, &connection, (struct sock *)tcp, tcp, true);
#endif
	return 0;
}

SEC("iter/bpf_map_elem")
int refresh_live(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *part = context->key;
	__u32 first;

	if (!part)
		return 0;
	first = *part * PLACES_AT_ONCE;
#pragma clang loop unroll(disable)
	for (__u32 step = 0; step < PLACES_AT_ONCE && step <= place_mask; step++)
		refresh_place((first + step) & place_mask);
	return 0;
}

/* Shared with the loader, which repeats passes over the sockets until they find nothing new. */
struct adoption {
	/* Sockets taken in. */
	__u64 adopted;
	/* Whether the pass repeats another one: what is not taken in was counted then. */
	__u32 repeated;
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct adoption);
} adoption SEC(".maps");

static __always_inline void count_not_adopted(const struct adoption *pass, __u32 statistic)
{
	if (!pass->repeated)
		count(statistic);
}

/* Takes in a socket that was open before the tracepoint was attached. */
static __always_inline void adopt(struct sock *sk, struct tcp_sock *tcp, struct task_struct *task, bool locked)
{
	struct connection *kept, connection = {.counts_syn = 1};
	struct adoption *pass;
	__u64 cookie, now;
	struct tcp_reading reading;
	bool coherent, connecting;
	__u32 only = 0;

	pass = bpf_map_lookup_elem(&adoption, &only);
	if (!pass)
		return;
	coherent = read_tcp_unlocked(tcp, sk, &reading, false) || locked;
	if (reading.state == TCP_CLOSE || reading.state == TCP_LISTEN || reading.state == TCP_SYN_RECV)
		return;
	cookie = bpf_get_socket_cookie(sk);
	kept = find(sk, cookie);
	if (kept && kept->stage != STAGE_CLOSED) {
		if (task && kept->stage == STAGE_ESTABLISHED && !kept->pid)
			name_process(task, &kept->pid, kept->command);
		return;
	}
	connecting = reading.state == TCP_SYN_SENT;
	if (connecting)
		connection.role = NATATOR_CLIENT;
	else if (coherent)
		infer(&connection, &reading, sk, tcp, false);
	if (is_left_out(sk, server_port(sk, tcp, connection.role))) {
		count_not_adopted(pass, NATATOR_STATISTIC_LEFT_OUT);
		return;
	}
	now = bpf_ktime_get_boot_ns();
	kept = take(sk, cookie, now);
	if (!kept) {
		count_not_adopted(pass, NATATOR_STATISTIC_LIVE_SKIPPED);
		return;
	}
	__sync_fetch_and_add(&pass->adopted, 1);
	kept->role = connection.role;
	kept->counts_syn = connection.counts_syn;
	kept->fingerprint = connection.fingerprint;
	if (task)
		name_process(task, &kept->pid, kept->command);
	else if (kept->role == NATATOR_SERVER)
		name_server(kept, sk, tcp, false);
	connection = *kept;
	keep(kept, connecting ? STAGE_CONNECTING : STAGE_ESTABLISHED);
	/* What has closed meanwhile was not kept yet, and has been reported as what it is. */
	if (sk->__sk_common.skc_state == TCP_CLOSE)
		move(kept, connecting ? STAGE_CONNECTING : STAGE_ESTABLISHED, STAGE_CLOSED);
	else if (!connecting)
		announce(&connection, sk, tcp, now);
}

/* Every process's sockets in all network namespaces; not the ones that no process holds. */
SEC("iter/task_file")
int adopt_owned(struct bpf_iter__task_file *context)
{
	struct file *file = context->file;
	struct task_struct *task = context->task;
	struct socket *socket;
	struct tcp_sock *tcp;
	struct sock *sk;

	if (!file || !task)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || !is_tcp(sk))
		return 0;
	/* A listener that was seen to begin is not renamed to whom it was passed on. */
	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		remember_listener(sk, task, BPF_NOEXIST);
		return 0;
	}
	tcp = bpf_skc_to_tcp_sock(sk);
	if (tcp)
		adopt(sk, tcp, task, false);
	return 0;
}

/* All of one network namespace, un-accepted and orphaned ones too, without their process. Each socket is locked. */
SEC("iter/tcp")
int adopt_all(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tcp;
	struct sock *sk;

	if (!common)
		return 0;
	tcp = bpf_skc_to_tcp_sock(common);
	if (!tcp)
		return 0;
	sk = &tcp->inet_conn.icsk_inet.sk;
	if (is_tcp(sk))
		adopt(sk, tcp, NULL, true);
	return 0;
}
