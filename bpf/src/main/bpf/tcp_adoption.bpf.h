/*
 * Adopts TCP connections that were open before the programs were attached, so that they are tracked like new ones. The
 * iterator programs of tcp.bpf.c find their sockets; adopt() gives each a slot in the table of open connections and
 * reports its open.
 */
#ifndef NATATOR_TCP_ADOPTION_BPF_H
#define NATATOR_TCP_ADOPTION_BPF_H

#include "tcp_filter.bpf.h"
#include "tcp_process.bpf.h"
#include "tcp_record.bpf.h"
#include "tcp_role_and_fingerprint.bpf.h"
#include "tcp_slots.bpf.h"

/*
 * The numbers of one pass over all sockets, shared with user space. User space repeats the pass until it finds no new
 * connection.
 */
struct adoption {
	/* Number of connections that this pass has found and begun to track. */
	__u64 adopted;
	/*
	 * 1 if an earlier pass has counted the excluded and skipped connections, so that this pass must not count them
	 * again.
	 */
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

/*
 * Claims a slot (entry in the table of open connections) for a connection that was open before the programs were
 * attached, and reports its open.
 *
 * task: a process that has the socket open; NULL if unknown. locked: whether the caller holds the socket's lock.
 */
static __always_inline void adopt(struct sock *sk, struct tcp_sock *tcp, struct task_struct *task, bool locked)
{
	struct connection_slot *slot, connection = {.counts_syn = 1};
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
	slot = find_slot(sk, cookie);
	if (slot && slot->state != SLOT_CLOSED) {
		if (task && slot->state == SLOT_ESTABLISHED && !slot->pid)
			copy_process(task, &slot->pid, slot->command);
		return;
	}
	connecting = reading.state == TCP_SYN_SENT;
	if (connecting)
		connection.role = role_in_handshake(reading.state);
	else if (coherent)
		infer_role_and_fingerprint(&connection, &reading, sk, tcp, false);
	if (is_excluded(sk, server_port(sk, tcp, connection.role))) {
		count_not_adopted(pass, NATATOR_STATISTIC_EXCLUDED);
		return;
	}
	now = bpf_ktime_get_boot_ns();
	slot = claim_slot(sk, cookie, now);
	if (!slot) {
		count_not_adopted(pass, NATATOR_STATISTIC_LIVE_SKIPPED);
		return;
	}
	__sync_fetch_and_add(&pass->adopted, 1);
	slot->role = connection.role;
	slot->counts_syn = connection.counts_syn;
	slot->fingerprint = connection.fingerprint;
	if (task)
		copy_process(task, &slot->pid, slot->command);
	else
		copy_adopted_process(slot, sk, tcp);
	connection = *slot;
	set_slot_state(slot, connecting ? SLOT_CONNECTING : SLOT_ESTABLISHED);
	/*
	 * The socket closed before its slot (table entry) was published, so its close found no slot and was already
	 * reported without one.
	 */
	if (sk->__sk_common.skc_state == TCP_CLOSE)
		change_slot_state(slot, connecting ? SLOT_CONNECTING : SLOT_ESTABLISHED, SLOT_CLOSED);
	else if (!connecting)
		report_established(&connection, sk, tcp, now);
}

/*
 * Stores the process of an MPTCP socket. The programs cannot adopt its subflows here, because they get their addresses only
 * as numbers.
 *
 * sk: the MPTCP socket; task: a process that has it open.
 */
static __always_inline void store_mptcp_process(struct sock *sk, struct task_struct *task)
{
	struct process process = {};
	struct sock *first;
	__u64 cookie;

	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		first = KERNEL_OBJECT(struct sock, first_subflow_of((__u64)sk));
		if (first && FIELD(PROBED, first, __sk_common.skc_state) == TCP_LISTEN)
			store_listener(first, FIELD(PROBED, first, __sk_common.skc_cookie.counter), task, true, PROBED);
		return;
	}
	cookie = bpf_get_socket_cookie(sk);
	copy_process(task, &process.pid, process.command);
	bpf_map_update_elem(&mptcp_processes, &cookie, &process, BPF_NOEXIST);
}

/* Removes a listener if its close was missed: its socket does not listen any more, or is another one. */
static __always_inline void remove_if_closed(__u64 socket, const struct listener *listener)
{
	struct sock *sk = KERNEL_OBJECT(struct sock, socket);

	if (FIELD(PROBED, sk, __sk_common.skc_state) != TCP_LISTEN ||
	    (listener->cookie && FIELD(PROBED, sk, __sk_common.skc_cookie.counter) != (__s64)listener->cookie))
		remove_listener(socket);
}

#endif
