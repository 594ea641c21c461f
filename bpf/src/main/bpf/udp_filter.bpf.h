/*
 * Which flows an operator does not want to see, by the same rules as filter.bpf.h. Asked for every
 * datagram that belongs to no flow: what is left out takes no place among the flows.
 */
#ifndef NATATOR_UDP_FILTER_BPF_H
#define NATATOR_UDP_FILTER_BPF_H

#include "selection.bpf.h"
#include "udp_datagram.bpf.h"

static __always_inline __u32 cgroup_verdict(struct sock *sk)
{
	struct cgroup *cgroup;
	__u32 verdict = 0;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup);
	for (int level = 0; level < CGROUP_LEVELS && cgroup && !verdict; level++) {
		struct cgroup_subsys_state *parent = BPF_CORE_READ(cgroup, self.parent);

		verdict = verdict_on(NATATOR_SELECT_CGROUP, BPF_CORE_READ(cgroup, kn, id));
		cgroup = parent ? BPF_CORE_READ(parent, cgroup) : NULL;
	}
	return verdict;
}

static __always_inline bool is_left_out(const struct datagram *datagram, struct sock *sk, __u16 server_port)
{
	const struct natator_flow_key *flow = &datagram->key;

	if (loopback_left_out && (is_loopback(&flow->local_address) || is_loopback(&flow->remote_address)))
		return true;
	if (networks_selection && networks_are_out(&flow->local_address, &flow->remote_address))
		return true;
	if (ports_selection && is_out(ports_selection, verdict_on(NATATOR_SELECT_PORT, server_port)))
		return true;
	if (namespaces_selection &&
	    is_out(namespaces_selection,
		   verdict_on(NATATOR_SELECT_NETWORK_NAMESPACE, datagram->network_namespace)))
		return true;
	return cgroups_selection && is_out(cgroups_selection, cgroup_verdict(sk));
}

#endif
