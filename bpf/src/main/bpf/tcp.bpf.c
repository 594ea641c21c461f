/*
 * The TCP programs, and the hooks that they are attached to.
 *
 * The state program is attached to the tracepoint inet_sock_set_state, so it runs when a socket changes its state. No program
 * runs per segment, so data transfer costs nothing. When a socket changes to TCP_CLOSE, it is locked and its counters are
 * final. The program uses the typed tracepoint (tp_btf): with the classic tracepoint, all programs of a CPU share one recursion
 * guard, and closes would be lost.
 *
 * Where to look (TCP):
 *   tcp_state_change.bpf.h          what an open, a failure and a close do
 *   tcp_event_dedup.bpf.h           why two copies of the state program report an event once
 *   tcp_slots.bpf.h                 the table of open connections: states of an entry (slot), invariants
 *   tcp_process.bpf.h               which process a connection belongs to
 *   tcp_listeners.bpf.h             which process each listener belongs to, and which listener accepted a connection
 *   tcp_role_and_fingerprint.bpf.h  which end is the client, and the key that both ends share
 *   tcp_reading.bpf.h               how the counters of a socket are read without its lock
 *   tcp_payload.bpf.h               payload bytes without SYN and FIN
 *   tcp_close_reason.bpf.h          FIN, RESET, TIMEOUT, ...
 *   tcp_record.bpf.h                the record that user space reads
 *   tcp_ring_spill_fold.bpf.h       where records are stored if user space does not read: ring buffer, overflow map, sums
 *   tcp_live_refresh.bpf.h          how the counters of open connections are read periodically
 *   tcp_adoption.bpf.h              sockets that were open before the programs were attached
 *   tcp_filter.bpf.h                which sockets are TCP, and which connections are excluded
 * UDP: udp_fentry.bpf.c and udp_cgroup.bpf.c (hooks), udp_datagram (size, addresses), udp_flows (begin, end after a pause),
 *   udp_process (which process), udp_role (client or server), udp_fold (datagrams above capacity), udp_filter (which datagrams
 *   are counted), udp_dns_answers.
 * Both: record_layout.h and udp_record_layout.h (shared with user space), filter_rules, fold_map, statistics, socket_addresses,
 *   kernel_differences (one accessor for each difference between kernels), vmlinux.h and vmlinux_udp.h (kernel types).
 */
#include "vmlinux.h"
#include "record_layout.h"
#include "tcp_adoption.bpf.h"
#include "tcp_filter.bpf.h"
#include "tcp_live_refresh.bpf.h"
#include "tcp_listeners.bpf.h"
#include "tcp_process.bpf.h"
#include "tcp_slots.bpf.h"
#include "tcp_state_change.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/*
 * The state program is attached twice, because the kernel skips a program that is already running on the CPU
 * (recursion_misses). If a softirq interrupts one copy, the other copy handles the state change that the softirq makes.
 * tcp_event_dedup.bpf.h keeps the second copy from handling a state change that the first copy has handled.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_one, struct sock *sk, int old_state, int new_state)
{
	return on_state_change(sk, old_state, new_state, true);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_two, struct sock *sk, int old_state, int new_state)
{
	return on_state_change(sk, old_state, new_state, false);
}

SEC("iter/bpf_map_elem")
int refresh_live(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *run = context->key;
	__u32 first;

	if (!run)
		return 0;
	first = *run * SLOTS_PER_RUN;
#pragma clang loop unroll(disable)
	for (__u32 step = 0; step < SLOTS_PER_RUN && step <= slot_mask; step++)
		refresh_slot((first + step) & slot_mask);
	return 0;
}

/* Removes the listeners whose close was missed, for example because no programs were attached. */
SEC("iter/bpf_map_elem")
int check_listeners(struct bpf_iter__bpf_map_elem *context)
{
	const __u64 *key = context->key;
	const struct listener *listener = context->value;

	if (key && listener)
		remove_if_closed(*key, listener);
	return 0;
}

/*
 * Finds the sockets that processes have open, in all network namespaces, reports their connections, and stores the
 * process of each socket.
 */
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
	if (!sk)
		return 0;
	if (is_mptcp(sk)) {
		store_mptcp_process(sk, task);
		return 0;
	}
	if (!is_tcp(sk))
		return 0;
	/* A process that inherited the socket does not replace the process that was seen calling listen(2). */
	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		store_listener(sk, bpf_get_socket_cookie(sk), task, true, false);
		return 0;
	}
	tcp = bpf_skc_to_tcp_sock(sk);
	if (tcp)
		adopt(sk, tcp, task, false);
	return 0;
}

/*
 * Finds all sockets of the caller's network namespace and reports their connections. It also finds sockets that no
 * process has open: orphans, connections that are not yet accepted, and subflows of MPTCP. The kernel
 * holds the lock of each socket while this program runs.
 */
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
