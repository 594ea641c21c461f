/*
 * TCP connections: open, live counters, close.
 *
 * inet_sock_set_state and not the obvious per-segment hooks: it costs nothing while data moves, and at TCP_CLOSE the
 * socket is locked and its counters are final. Typed (tp_btf) and not the classic tracepoint, which has one recursion
 * guard for all programs of a CPU and loses closes through it.
 */
#include "vmlinux.h"
#include "natator.h"
#include "tcp_counters.bpf.h"
#include "hand_over.bpf.h"
#include "filter.bpf.h"
#include "socket_identity.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Filled by the refresh alone, so that short connections never touch it; emptied at close. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct natator_record);
} live SEC(".maps");

static __always_inline void leave_out(struct socket_identity *identity)
{
	__sync_lock_test_and_set(&identity->stage, STAGE_LEFT_OUT);
	count(NATATOR_STATISTIC_LEFT_OUT);
}

/* connect(2): process context, the current task is the client. */
static __always_inline void on_connect(struct sock *sk)
{
	struct socket_identity *identity = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!identity || identity->stage == STAGE_CONNECTING || identity->stage == STAGE_LEFT_OUT)
		return;
	if (is_left_out(sk, bpf_ntohs(sk->__sk_common.skc_dport))) {
		leave_out(identity);
		return;
	}
	begin(identity, sk, bpf_ktime_get_boot_ns());
	identity->role = NATATOR_CLIENT;
	name_process(bpf_get_current_task_btf(), &identity->pid, identity->command);
	__sync_lock_test_and_set(&identity->stage, STAGE_CONNECTING);
}

/*
 * A passive open is taken here and not at TCP_SYN_RECV, which the kernel reports for a child that is half cloned from its
 * listener: no peer, no cookie of its own. In a simultaneous open both ends have called connect(2), and each knows both
 * initial sequence numbers: the lower one's is the client, so that the two halves are halves of one connection.
 */
static __always_inline void on_established(struct sock *sk, int old_state)
{
	struct socket_identity *identity = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct tcp_reading reading;
	__u64 now;

	if (!identity || !tcp || identity->stage == STAGE_ESTABLISHED || identity->stage == STAGE_LEFT_OUT)
		return;
	now = bpf_ktime_get_boot_ns();
	if (identity->stage != STAGE_CONNECTING) {
		__u32 role = old_state == TCP_SYN_SENT ? NATATOR_CLIENT : NATATOR_SERVER;

		if (is_left_out(sk, server_port(sk, tcp, role))) {
			leave_out(identity);
			return;
		}
		begin(identity, sk, now);
		identity->role = role;
		identity->counts_syn = identity->role == NATATOR_CLIENT;
		if (identity->role == NATATOR_SERVER)
			name_server(identity, sk, tcp);
	}
	read_tcp(tcp, sk, &reading);
	if (identity->counts_syn && old_state == TCP_SYN_RECV && own_isn(&reading, 1) > peer_isn(&reading))
		identity->role = NATATOR_SERVER;
	identity->fingerprint = fingerprint_of(&reading, identity->role, identity->counts_syn);
	__sync_lock_test_and_set(&identity->stage, STAGE_ESTABLISHED);
	announce(identity, sk, tcp, now);
}

/* An open socket that the tracepoint never saw, or saw without enough to tell its role. */
static __always_inline void infer(struct socket_identity *identity, const struct tcp_reading *reading, struct sock *sk,
				  struct tcp_sock *tcp)
{
	if (identity->role == NATATOR_UNKNOWN_ROLE) {
		identity->role = role_of(reading);
		if (identity->role == NATATOR_UNKNOWN_ROLE && find_listener(sk, tcp, identity->network_namespace))
			identity->role = NATATOR_SERVER;
		identity->counts_syn = identity->role != NATATOR_SERVER;
	}
	if (!identity->fingerprint)
		identity->fingerprint = fingerprint_of(reading, identity->role, identity->counts_syn);
}

static __always_inline void on_close(struct sock *sk, int old_state)
{
	struct natator_record record = {};
	struct socket_identity *identity, unseen = {};
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct tcp_reading reading;
	struct tcp_payload payload;
	bool failed;
	__u32 stage;
	__u64 now;

	if (!tcp || old_state == TCP_CLOSE || old_state == TCP_LISTEN)
		return;
	/* Created even now, so that the program's other copy knows that the close is reported. */
	identity = bpf_sk_storage_get(&sockets, sk, 0,
				      old_state == TCP_SYN_RECV ? 0 : BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (old_state == TCP_SYN_RECV && (!identity || identity->stage != STAGE_CONNECTING))
		return;
	stage = identity ? __sync_lock_test_and_set(&identity->stage, STAGE_CLOSED) : STAGE_NEW;
	if (stage == STAGE_CLOSED || stage == STAGE_LEFT_OUT)
		return;
	failed = old_state == TCP_SYN_SENT || old_state == TCP_SYN_RECV;
	now = bpf_ktime_get_boot_ns();
	if (!identity)
		identity = &unseen;
	if (stage == STAGE_NEW) {
		begin(identity, sk, now);
		if (failed)
			identity->role = NATATOR_CLIENT;
	}
	read_tcp(tcp, sk, &reading);
	reading.state = old_state;
	if (!failed) {
		infer(identity, &reading, sk, tcp);
		if (stage == STAGE_NEW && identity->role == NATATOR_SERVER)
			name_server(identity, sk, tcp);
	}
	if (stage == STAGE_NEW && is_left_out(sk, server_port(sk, tcp, identity->role))) {
		count(NATATOR_STATISTIC_LEFT_OUT);
		return;
	}
	if (identity->seen.live)
		bpf_map_delete_elem(&live, &identity->cookie);
	if (!describe(&record, identity, sk, tcp, now))
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
		payload_of(&reading, identity->counts_syn, true, &payload);
		measure(&record, &payload, tcp);
	}
	hand_over_end(&record, &identity->seen);
}

static __always_inline int on_state(struct sock *sk, int old_state, int new_state)
{
	if (!is_tcp(sk))
		return 0;
	switch (new_state) {
	case TCP_SYN_SENT:
		on_connect(sk);
		break;
	case TCP_ESTABLISHED:
		on_established(sk, old_state);
		break;
	case TCP_FIN_WAIT1:
		/* TCP Fast Open: a server that closes before the handshake is done is never TCP_ESTABLISHED. */
		if (old_state == TCP_SYN_RECV)
			on_established(sk, old_state);
		break;
	case TCP_LISTEN:
		remember_listener(sk, bpf_get_current_task_btf(), BPF_ANY);
		break;
	case TCP_CLOSE:
		on_close(sk, old_state);
		break;
	}
	return 0;
}

/*
 * Twice the same: a program is not re-entrant on a CPU (recursion_misses), so a softirq that interrupts one copy finds the
 * other free. The stage in the socket's storage makes the second run of an event do nothing.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_one, struct sock *sk, int old_state, int new_state)
{
	return on_state(sk, old_state, new_state);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_two, struct sock *sk, int old_state, int new_state)
{
	return on_state(sk, old_state, new_state);
}

/*
 * Counters of every tracked connection into the live map. No lock is taken. The close that happens meanwhile has set the
 * stage before it empties its place, so one of the two empties it.
 */
SEC("iter/bpf_sk_storage_map")
int refresh_live(struct bpf_iter__bpf_sk_storage_map *context)
{
	struct natator_record record = {.event = NATATOR_LIVE};
	struct socket_identity *identity;
	struct sock *sk = context->sk;
	struct tcp_reading reading;
	struct tcp_payload payload;
	struct tcp_sock *tcp;
	__u64 cookie;
	bool coherent;

	if (!sk || !context->value)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return 0;
	identity = bpf_sk_storage_get(&sockets, sk, 0, 0);
	if (!identity || identity->stage != STAGE_ESTABLISHED)
		return 0;
	coherent = read_tcp_unlocked(tcp, sk, &reading);
	if (reading.state == TCP_CLOSE)
		return 0;
	if (coherent)
		infer(identity, &reading, sk, tcp);
	if (!describe(&record, identity, sk, tcp, bpf_ktime_get_boot_ns()))
		return 0;
	payload_of(&reading, identity->counts_syn, coherent, &payload);
	measure(&record, &payload, tcp);
	cookie = identity->cookie;
	if (bpf_map_update_elem(&live, &cookie, &record, BPF_ANY)) {
		count(NATATOR_STATISTIC_LIVE_SKIPPED);
		return 0;
	}
	identity->seen.bytes_sent = record.bytes_sent;
	identity->seen.bytes_acked = record.bytes_acked;
	identity->seen.bytes_received = record.bytes_received;
	identity->seen.segments_sent = record.segments_sent;
	identity->seen.segments_received = record.segments_received;
	identity->seen.retransmits = record.retransmits;
	__sync_lock_test_and_set(&identity->seen.live, 1);
	if (identity->stage == STAGE_CLOSED)
		bpf_map_delete_elem(&live, &cookie);
	return 0;
}

/* Takes in a socket that was open before the tracepoint was attached. The first to move the stage announces it. */
static __always_inline void adopt(struct sock *sk, struct tcp_sock *tcp, struct task_struct *task, bool locked)
{
	struct socket_identity *identity;
	struct tcp_reading reading;
	bool coherent, connecting;
	__u32 before;
	__u64 now;

	coherent = read_tcp_unlocked(tcp, sk, &reading) || locked;
	if (reading.state == TCP_CLOSE || reading.state == TCP_LISTEN || reading.state == TCP_SYN_RECV)
		return;
	identity = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!identity)
		return;
	/* What was left out is looked at again: the filter may be another one now. */
	before = identity->stage;
	if (before != STAGE_NEW && before != STAGE_LEFT_OUT) {
		if (identity->stage == STAGE_ESTABLISHED && task && !identity->pid)
			name_process(task, &identity->pid, identity->command);
		if (identity->stage == STAGE_ESTABLISHED && coherent)
			infer(identity, &reading, sk, tcp);
		return;
	}
	now = bpf_ktime_get_boot_ns();
	connecting = reading.state == TCP_SYN_SENT;
	begin(identity, sk, now);
	if (connecting)
		identity->role = NATATOR_CLIENT;
	else if (coherent)
		infer(identity, &reading, sk, tcp);
	if (task)
		name_process(task, &identity->pid, identity->command);
	else if (identity->role == NATATOR_SERVER)
		name_server(identity, sk, tcp);
	if (is_left_out(sk, server_port(sk, tcp, identity->role))) {
		if (__sync_val_compare_and_swap(&identity->stage, STAGE_NEW, STAGE_LEFT_OUT) == STAGE_NEW)
			count(NATATOR_STATISTIC_LEFT_OUT);
		return;
	}
	if (__sync_val_compare_and_swap(&identity->stage, before,
					connecting ? STAGE_CONNECTING : STAGE_ESTABLISHED) == before &&
	    !connecting)
		announce(identity, sk, tcp, now);
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
