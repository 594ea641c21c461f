/*
 * Excludes UDP flows by the operator's rules, which are those of tcp_filter.bpf.h. The rules are applied to every datagram
 * that has no flow. An excluded datagram does not begin one.
 */
#ifndef NATATOR_UDP_FILTER_BPF_H
#define NATATOR_UDP_FILTER_BPF_H

#include "filter_rules.bpf.h"
#include "udp_datagram.bpf.h"

static __always_inline bool is_excluded(const struct datagram *datagram, struct sock *sk, __u16 server_port)
{
	const struct natator_flow_key *flow = &datagram->key;

	if (loopback_excluded && (is_loopback(&flow->local_address) || is_loopback(&flow->remote_address)))
		return true;
	if (networks_selection && networks_exclude(&flow->local_address, &flow->remote_address))
		return true;
	if (port_is_excluded(server_port))
		return true;
	if (namespaces_selection && namespace_is_excluded(datagram->network_namespace))
		return true;
	return cgroup_is_excluded(sk, true);
}

#endif
