/*
 * Stores which process each listening socket belongs to, so that the server's end of a connection gets the process whose
 * listener accepted it. A passive open happens in softirq context, where the current task is unrelated to it.
 *
 * A listener has an entry in the map "listeners" from listen(2) until it is closed. Its key is the address of the socket,
 * so listeners that share a port (SO_REUSEPORT) have separate entries. The kernel reuses addresses, so an entry is used
 * only if the listener's cookie is the stored one; cookies are never reused.
 *
 * How the listener of an accepted socket is found:
 *   1. When the kernel has cloned the listener for a new connection, it reports the clone's state change (TCP_LISTEN to
 *      TCP_SYN_RECV) before it initializes the clone. An empty list in the clone then still points into the listener
 *      (store_arrival()). The handshake ends in the same softirq, on the same CPU, with TCP_ESTABLISHED (take_arrival()).
 *   2. For connections whose clone was not seen, the map "listener_places" has the listeners of each place: network
 *      namespace, cgroup, address and port. If more than one process listens there, the process stays unknown.
 */
#ifndef NATATOR_TCP_LISTENERS_BPF_H
#define NATATOR_TCP_LISTENERS_BPF_H

#include "socket_addresses.bpf.h"
#include "statistics.bpf.h"

/* A process. pid is 0 if the process is unknown. */
struct process {
	__u32 pid;
	__u8 command[NATATOR_COMMAND_LENGTH];
};

/*
 * Where a socket listens. Accepted sockets have the network namespace and the cgroup of their listener. Both are
 * identified by numbers that are never reused, so a place never becomes that of another pod.
 */
struct listener_place {
	__u64 namespace_identity;
	__u64 cgroup_id;
	struct natator_address address;
	/* 0 if the kernel chooses the port after it has reported the listener: listen(2) without bind(2). */
	__u64 port;
};

struct listener {
	/* The key of this entry: the address of the socket. */
	__u64 socket;
	/* The socket's cookie. 0 if the kernel had not created one yet, which is possible for adopted MPTCP listeners. */
	__u64 cookie;
	struct listener_place place;
	struct process process;
	__u32 reserved;
};
_Static_assert(sizeof(struct listener) == 80, "listener");

/* The loader sets the number of entries. Not preallocated, because most machines have few listeners. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct listener);
} listeners SEC(".maps");

struct listeners_at_place {
	__u64 count;
	/* The addresses of all their sockets, combined by XOR. So if count is 1, this is the address of the only one. */
	__u64 sockets;
};

/*
 * The listeners of each place. The count can be too high if the map "listeners" was full. The combined address can be wrong
 * if two CPUs add and remove listeners of the place at the same time; then no listener is found.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct listener_place);
	__type(value, struct listeners_at_place);
} listener_places SEC(".maps");

/* The latest socket that was cloned from a listener on a CPU. */
struct arrival {
	/* Address of the clone. 0 if the listener was taken. */
	__u64 socket;
	__u64 listener;
	__u64 listener_cookie;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct arrival);
} arrivals SEC(".maps");

/*
 * Copies id and name of a process. The name (command) is that of the thread group leader, which ps shows; other threads
 * can have other names. A kernel thread is no process: the process stays unknown.
 */
static __always_inline void copy_process(struct task_struct *task, __u32 *pid, __u8 *command)
{
	if (task->flags & PF_KTHREAD)
		return;
	*pid = task->tgid;
	__builtin_memcpy(command, task->group_leader->comm, NATATOR_COMMAND_LENGTH);
}

static __always_inline void add_to_place(const struct listener_place *place, __u64 socket)
{
	static const struct listeners_at_place empty;
	struct listeners_at_place *at;

	bpf_map_update_elem(&listener_places, place, &empty, BPF_NOEXIST);
	at = bpf_map_lookup_elem(&listener_places, place);
	if (!at)
		return;
	__sync_fetch_and_add(&at->count, 1);
	__sync_fetch_and_xor(&at->sockets, socket);
}

static __always_inline void remove_from_place(const struct listener_place *place, __u64 socket)
{
	struct listeners_at_place *at = bpf_map_lookup_elem(&listener_places, place);

	if (!at)
		return;
	__sync_fetch_and_xor(&at->sockets, socket);
	if (__sync_fetch_and_add(&at->count, -1) == 1)
		bpf_map_delete_elem(&listener_places, place);
}

/* Removes a listener. If several callers remove it at the same time, one of them succeeds. */
static __always_inline void remove_listener(__u64 key)
{
	struct listener *stored = bpf_map_lookup_elem(&listeners, &key);
	struct listener_place place;
	__u64 socket;

	if (!stored)
		return;
	place = stored->place;
	socket = stored->socket;
	if (bpf_map_delete_elem(&listeners, &key) == 0)
		remove_from_place(&place, socket);
}

/*
 * Stores a listener, except if it is stored already.
 *
 * task: its process; NULL if it belongs to the kernel. counted: whether to count the listener if the map is full.
 */
static __always_inline void store_listener(struct sock *sk, __u64 cookie, struct task_struct *task, bool counted,
					   bool probed)
{
	struct listener listener = {.socket = (__u64)sk, .cookie = cookie}, *stored;
	__u64 key = (__u64)sk;
	long error;

	stored = bpf_map_lookup_elem(&listeners, &key);
	if (stored) {
		if (stored->cookie == cookie)
			return;
		/* The programs missed the close of the listener that had this address before. */
		remove_listener(key);
	}
	listener.place.namespace_identity = network_namespace_identity(sk, probed);
	listener.place.cgroup_id = socket_cgroup_id(sk, probed);
	local_address(sk, &listener.place.address, probed);
	listener.place.port = FIELD(probed, sk, __sk_common.skc_num);
	if (task)
		copy_process(task, &listener.process.pid, listener.process.command);
	error = bpf_map_update_elem(&listeners, &key, &listener, BPF_NOEXIST);
	if (error == -EEXIST)
		return;
	stored = error ? NULL : bpf_map_lookup_elem(&listeners, &key);
	if (stored) {
		add_to_place(&listener.place, stored->socket);
	} else if (counted) {
		count(NATATOR_STATISTIC_LISTENERS_SKIPPED);
		/* From now on no other listener is the only one at this place. */
		add_to_place(&listener.place, 0);
	}
}

/* Stores which listener the kernel has cloned. sk: the clone, which still has the listener's members. */
static __always_inline void store_arrival(struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	__u32 only = 0;
	struct arrival *arrival = bpf_map_lookup_elem(&arrivals, &only);
	__u64 listener;

	if (!tcp || !arrival)
		return;
	/*
	 * A listener sends nothing, so its list of sent segments is empty: the list's head points to itself.
	 * inet_csk_clone_lock() copies it, and tcp_create_openreq_child() initializes the copy after this event.
	 */
	arrival->listener = (__u64)tcp->tsorted_sent_queue.next;
	/* Read from the map, from which the verifier reads a number instead of a pointer. */
	listener = *(volatile __u64 *)&arrival->listener - bpf_core_field_offset(tcp->tsorted_sent_queue);
	arrival->listener = listener;
	arrival->listener_cookie =
		FIELD(PROBED, KERNEL_OBJECT(struct sock, listener), __sk_common.skc_cookie.counter);
	arrival->socket = (__u64)sk;
}

/* Copies a listener's process. Returns false if the memory of its entry was reused meanwhile. */
static __always_inline bool copy_listener_process(const struct listener *listener, struct process *process)
{
	__u64 cookie = listener->cookie;

	asm volatile("" ::: "memory");
	*process = listener->process;
	asm volatile("" ::: "memory");
	return listener->cookie == cookie;
}

/*
 * Whether the listener of a new connection is known. Copies its process, which stays unknown if the listener is not stored.
 * Works once per socket, right after the handshake.
 */
static __always_inline bool take_arrival(struct sock *sk, struct tcp_sock *tcp, struct process *process)
{
	__u32 only = 0;
	struct arrival *arrival = bpf_map_lookup_elem(&arrivals, &only);
	const struct listener *listener;

	if (!arrival || arrival->socket != (__u64)sk)
		return false;
	arrival->socket = 0;
	listener = bpf_map_lookup_elem(&listeners, &arrival->listener);
	if (!listener || listener->place.namespace_identity != network_namespace_identity(sk, false))
		return true;
	/* With a cookie, the port proves nothing more: a transparent proxy accepts connections to any port (TPROXY). */
	if (listener->cookie ? listener->cookie != arrival->listener_cookie :
			       listener->place.port && listener->place.port != local_port(tcp, false))
		return true;
	if (!copy_listener_process(listener, process))
		process->pid = 0;
	return true;
}

static __always_inline bool is_same_place(const struct listener_place *one, const struct listener_place *other)
{
	__u64 difference = (one->namespace_identity ^ other->namespace_identity) | (one->cgroup_id ^ other->cgroup_id) |
			   (one->port ^ other->port);

	for (int word = 0; word < 4; word++)
		difference |= one->address.words[word] ^ other->address.words[word];
	return !difference;
}

/* Sets the place of a listener on exactly the local address of a connection. */
static __always_inline void place_of(struct sock *sk, struct tcp_sock *tcp, struct listener_place *place, bool probed)
{
	place->namespace_identity = network_namespace_identity(sk, probed);
	place->cgroup_id = socket_cgroup_id(sk, probed);
	local_address(sk, &place->address, probed);
	place->port = local_port(tcp, probed);
}

/* Whether any listener could have accepted the connection. */
static __always_inline bool has_listener(struct sock *sk, struct tcp_sock *tcp, bool probed)
{
	struct listener_place place;
	bool ipv4;

	place_of(sk, tcp, &place, probed);
	ipv4 = is_mapped_ipv4(&place.address);
	if (bpf_map_lookup_elem(&listener_places, &place))
		return true;
	if (ipv4) {
		map_ipv4(&place.address, 0);
		if (bpf_map_lookup_elem(&listener_places, &place))
			return true;
	}
	__builtin_memset(&place.address, 0, sizeof(place.address));
	return bpf_map_lookup_elem(&listener_places, &place);
}

/* Copies the process that listens at a place, if one does. Returns false if more than one process possibly listens. */
static __always_inline bool merge_process_at(const struct listener_place *place, struct process *process)
{
	struct listeners_at_place *at = bpf_map_lookup_elem(&listener_places, place);
	const struct listener *listener;
	struct process here;
	__u64 socket;

	if (!at)
		return true;
	socket = at->sockets;
	if (at->count != 1)
		return false;
	listener = bpf_map_lookup_elem(&listeners, &socket);
	if (!listener || !is_same_place(&listener->place, place) || !copy_listener_process(listener, &here) || !here.pid ||
	    (process->pid && process->pid != here.pid))
		return false;
	*process = here;
	return true;
}

/*
 * Copies the process of the only listener that can have accepted the connection. It stays unknown if there is none, or
 * more than one process. Only for connections whose listener is open, or was during the handshake that is just done: it
 * can have been replaced otherwise.
 */
static __noinline void find_only_process(struct sock *sk, struct tcp_sock *tcp, struct process *process)
{
	struct listener_place place;
	bool ipv4, certain;

	place_of(sk, tcp, &place, false);
	ipv4 = is_mapped_ipv4(&place.address);
	certain = merge_process_at(&place, process);
	if (certain && ipv4) {
		map_ipv4(&place.address, 0);
		certain = merge_process_at(&place, process);
	}
	__builtin_memset(&place.address, 0, sizeof(place.address));
	if (!certain || !merge_process_at(&place, process))
		process->pid = 0;
}

#endif
