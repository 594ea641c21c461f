/*
 * Which UDP flows the operator excludes, by the same rules as tcp_filter.bpf.h. Decided for every datagram that has no flow;
 * an excluded one begins none.
 */
#ifndef NATATOR_UDP_FILTER_BPF_H
#define NATATOR_UDP_FILTER_BPF_H

#include "filter_rules.bpf.h"
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

static __always_inline bool is_excluded(const struct datagram *datagram, struct sock *sk, __u16 server_port)
{
	const struct natator_flow_key *flow = &datagram->key;

	if (loopback_excluded && (is_loopback(&flow->local_address) || is_loopback(&flow->remote_address)))
		return true;
	if (networks_selection && networks_exclude(&flow->local_address, &flow->remote_address))
		return true;
	if (ports_selection && excludes(ports_selection, verdict_on(NATATOR_SELECT_PORT, server_port)))
		return true;
	if (namespaces_selection &&
	    excludes(namespaces_selection,
		   verdict_on(NATATOR_SELECT_NETWORK_NAMESPACE, datagram->network_namespace)))
		return true;
	return cgroups_selection && excludes(cgroups_selection, cgroup_verdict(sk));
}

#endif
