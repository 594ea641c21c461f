/* Sums up datagrams per address pair when the map flows is full. */
#ifndef NATATOR_UDP_FOLD_BPF_H
#define NATATOR_UDP_FOLD_BPF_H

#include "fold_map.bpf.h"
#include "udp_role.bpf.h"

/* The current process; the thread group leader's name, as ps shows it. */
static __always_inline void copy_process(__u32 *pid, __u8 *command)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	*pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_STR_INTO((char (*)[NATATOR_COMMAND_LENGTH])command, task, group_leader, comm);
}

/*
 * Adds a datagram that has no flow to the sum of its address pair. A sum counts each request as a connection, since such a flow
 * is most likely one request and its answer. False if the fold is full.
 */
static __always_inline bool add_to_fold(const struct datagram *datagram, bool in_process, __u64 now)
{
	__u32 role = role_in_fold(datagram);
	struct natator_fold_key key = {
		.cgroup_id = datagram->cgroup_id,
		.local_address = datagram->key.local_address,
		.remote_address = datagram->key.remote_address,
		.network_namespace = datagram->network_namespace,
		.server_port = server_port(&datagram->key, role),
		.role = role,
		.protocol = IPPROTO_UDP,
	};
	struct natator_fold_value *value = find_or_create_fold(&key, now);

	if (!value)
		return false;
	if (in_process && !value->pid)
		copy_process(&value->pid, value->command);
	if (datagram->sent) {
		__sync_fetch_and_add(&value->bytes_sent, datagram->bytes);
		__sync_fetch_and_add(&value->bytes_acked, datagram->bytes);
		__sync_fetch_and_add(&value->segments_sent, datagram->count);
	} else {
		__sync_fetch_and_add(&value->bytes_received, datagram->bytes);
		__sync_fetch_and_add(&value->segments_received, datagram->count);
	}
	if (!value->connections || datagram->sent == (role == NATATOR_CLIENT))
		__sync_fetch_and_add(&value->connections, 1);
	return true;
}

#endif
