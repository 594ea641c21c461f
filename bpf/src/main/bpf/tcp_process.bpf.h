/*
 * Decides which process a TCP connection belongs to. A client's process is the one that calls connect(2). A server's
 * process is the one that called listen(2): it is stored by network namespace, address and port, because a passive open
 * happens in softirq context, where the current task is unrelated to the connection.
 */
#ifndef NATATOR_TCP_PROCESS_BPF_H
#define NATATOR_TCP_PROCESS_BPF_H

#include "socket_addresses.bpf.h"
#include "tcp_slots.bpf.h"

struct listener_key {
	struct natator_address address;
	__u32 network_namespace;
	__u16 port;
	__u16 reserved;
};

struct listener {
	__u32 pid;
	__u8 command[NATATOR_COMMAND_LENGTH];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener_key);
	__type(value, struct listener);
} listeners SEC(".maps");

/*
 * Copies id and name of a process. The name (command) is that of the thread group leader, which ps shows; other threads
 * can have other names.
 */
static __always_inline void copy_process(struct task_struct *task, __u32 *pid, __u8 *command)
{
	*pid = task->tgid;
	__builtin_memcpy(command, task->group_leader->comm, NATATOR_COMMAND_LENGTH);
}

/* Copies the current process into a client's slot (table entry). Called in the process that called connect(2). */
static __always_inline void copy_client_process(struct connection_slot *slot)
{
	copy_process(bpf_get_current_task_btf(), &slot->pid, slot->command);
}

static __always_inline void store_listener(struct sock *sk, struct task_struct *task, __u64 flags)
{
	struct listener_key key = {};
	struct listener listener = {};

	local_address(sk, &key.address, false);
	key.network_namespace = network_namespace(sk, false);
	key.port = sk->__sk_common.skc_num;
	copy_process(task, &listener.pid, listener.command);
	bpf_map_update_elem(&listeners, &key, &listener, flags);
}

/*
 * Returns the listener that a server's socket was accepted from; NULL if it is not known. Searches in the kernel's
 * order: first a listener on the socket's local address, then a listener on any address.
 */
static __always_inline struct listener *find_listener(struct sock *sk, struct tcp_sock *tcp, bool probed)
{
	struct listener_key key = {};
	struct listener *listener;
	bool ipv4;

	local_address(sk, &key.address, probed);
	key.network_namespace = network_namespace(sk, probed);
	key.port = local_port(tcp, probed);
	ipv4 = is_mapped_ipv4(&key.address);
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (listener)
		return listener;
	if (ipv4) {
		map_ipv4(&key.address, 0);
		listener = bpf_map_lookup_elem(&listeners, &key);
		if (listener)
			return listener;
	}
	__builtin_memset(&key.address, 0, sizeof(key.address));
	return bpf_map_lookup_elem(&listeners, &key);
}

static __always_inline void copy_server_process(struct connection_slot *slot, struct sock *sk, struct tcp_sock *tcp,
						bool probed)
{
	struct listener *listener = find_listener(sk, tcp, probed);

	if (!listener)
		return;
	slot->pid = listener->pid;
	__builtin_memcpy(slot->command, listener->command, sizeof(slot->command));
}

#endif
