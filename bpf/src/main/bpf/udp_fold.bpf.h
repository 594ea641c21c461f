/* Adds datagrams to the sums per address pair (fold_map.bpf.h) if the map "flows" is full. */
#ifndef NATATOR_UDP_FOLD_BPF_H
#define NATATOR_UDP_FOLD_BPF_H

#include "fold_map.bpf.h"
#include "udp_process.bpf.h"
#include "udp_role.bpf.h"

/*
 * Adds a datagram that has no flow to the sum of its address pair. Returns false if the map of sums (fold) is full. The
 * sum counts each request (a datagram from the client) as one connection, because most flows consist of one request and
 * its answer.
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
	__u8 command[NATATOR_COMMAND_LENGTH] = {};
	__u32 pid = 0;

	if (!value)
		return false;
	if (in_process) {
		copy_current_process(&pid, command);
		set_fold_process(value, pid, command);
	}
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
