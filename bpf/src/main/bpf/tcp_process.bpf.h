/*
 * Decides which process a TCP connection belongs to:
 *   client                        the process that calls connect(2)
 *   server                        the process that called listen(2) on the listener (tcp_listeners.bpf.h)
 *   another subflow of MPTCP      the process of the first subflow: a kernel thread or a daemon creates the others
 *   kernel threads, their sockets none: the process is unknown
 */
#ifndef NATATOR_TCP_PROCESS_BPF_H
#define NATATOR_TCP_PROCESS_BPF_H

#include "tcp_listeners.bpf.h"
#include "tcp_slots.bpf.h"

/*
 * The process that has an MPTCP socket open, by the socket's cookie. The adoption (tcp_adoption.bpf.h) fills and reads it:
 * it finds MPTCP sockets in one step, and their subflows in another one.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct process);
} mptcp_processes SEC(".maps");

static __always_inline void set_process(struct connection_slot *slot, const struct process *process)
{
	if (!process->pid)
		return;
	slot->pid = process->pid;
	__builtin_memcpy(slot->command, process->command, sizeof(slot->command));
}

/* Returns the address of the first subflow of the MPTCP connection, if this socket is another subflow; otherwise 0. */
static __always_inline __u64 other_first_subflow(struct tcp_sock *tcp)
{
	__u64 first = first_subflow_of(mptcp_socket_of(tcp));

	return first == (__u64)tcp ? 0 : first;
}

/* Copies the process from the slot of an MPTCP connection's first subflow. It stays unknown if the slot is lost. */
static __always_inline void copy_subflow_process(struct connection_slot *slot, __u64 first)
{
	__u64 cookie = FIELD(PROBED, KERNEL_OBJECT(struct sock, first), __sk_common.skc_cookie.counter);
	struct connection_slot *other;
	struct process process;

	other = cookie ? find_slot((struct sock *)first, cookie) : NULL;
	if (!other)
		return;
	process.pid = other->pid;
	__builtin_memcpy(process.command, other->command, sizeof(process.command));
	asm volatile("" ::: "memory");
	/* If another connection has claimed the slot, the process can be that of the other connection. */
	if (other->cookie == cookie)
		set_process(slot, &process);
}

/* Whether a socket is not one of a process: the kernel uses it, or will use it. */
static __always_inline bool belongs_to_kernel(struct sock *sk, struct tcp_sock *tcp)
{
	__u64 mptcp = mptcp_socket_of(tcp);

	/* All subflows are the kernel's sockets, but the MPTCP socket is the process's. */
	return mptcp ? is_kernel_socket(KERNEL_OBJECT(struct sock, mptcp), PROBED) : is_kernel_socket(sk, false);
}

/* Sets the process of a client. Called in the process, or kernel thread, that connects the socket. */
static __always_inline void copy_client_process(struct connection_slot *slot, struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	__u64 first;

	if (!tcp)
		return;
	first = other_first_subflow(tcp);
	if (first)
		copy_subflow_process(slot, first);
	else if (!belongs_to_kernel(sk, tcp))
		copy_process(bpf_get_current_task_btf(), &slot->pid, slot->command);
}

/*
 * Whether a server's socket waits for accept(2). While it does, its listener is open. Only such sockets and orphans have no
 * struct socket.
 */
static __always_inline bool waits_for_accept(struct sock *sk)
{
	return !sk->sk_socket && !((sk->__sk_common.skc_flags >> SOCK_DEAD) & 1);
}

/* Sets the process of a server's socket whose handshake is just done. */
static __always_inline void copy_server_process(struct connection_slot *slot, struct sock *sk, struct tcp_sock *tcp)
{
	struct process process = {};
	__u64 first = other_first_subflow(tcp);

	if (first) {
		copy_subflow_process(slot, first);
		return;
	}
	/*
	 * With TCP Fast Open the handshake possibly ends on another CPU, and after accept(2). The listener that accepted is
	 * open then, or was a round trip ago.
	 */
	if (!take_arrival(sk, tcp, &process))
		find_only_process(sk, tcp, &process);
	set_process(slot, &process);
}

/* Sets the process of an adopted socket that no process has open, or that is a subflow of an MPTCP socket. */
static __always_inline void copy_adopted_process(struct connection_slot *slot, struct sock *sk, struct tcp_sock *tcp)
{
	__u64 mptcp = mptcp_socket_of(tcp), first = other_first_subflow(tcp), cookie = 0;
	struct process process = {}, *stored;

	if (mptcp)
		cookie = FIELD(PROBED, KERNEL_OBJECT(struct sock, mptcp), __sk_common.skc_cookie.counter);
	stored = cookie ? bpf_map_lookup_elem(&mptcp_processes, &cookie) : NULL;
	if (stored) {
		set_process(slot, stored);
	} else if (first) {
		copy_subflow_process(slot, first);
	} else if (slot->role == NATATOR_SERVER && waits_for_accept(sk)) {
		find_only_process(sk, tcp, &process);
		set_process(slot, &process);
	}
}

/* Stores a socket that begins to listen. Called in the process that called listen(2). */
static __always_inline void on_listen(struct sock *sk, bool counted)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);

	if (tcp)
		store_listener(sk, bpf_get_socket_cookie(sk),
			       belongs_to_kernel(sk, tcp) ? NULL : bpf_get_current_task_btf(), counted, false);
}

#endif
