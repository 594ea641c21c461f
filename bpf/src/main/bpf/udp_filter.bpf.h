/*
 * Decides which datagrams are counted: those of UDP sockets of processes, except those that the operator's rules
 * (filter_rules.bpf.h) exclude. Datagrams of an existing flow are not checked, because a flow begins only with a
 * datagram that is not excluded.
 */
#ifndef NATATOR_UDP_FILTER_BPF_H
#define NATATOR_UDP_FILTER_BPF_H

#include "filter_rules.bpf.h"
#include "udp_datagram.bpf.h"
#include "udp_role.bpf.h"

/*
 * Whether the socket is UDP (not UDP-Lite) and belongs to a process. The kernel's own sockets, such as those of tunnels
 * and NFS, have no file.
 */
static __always_inline bool is_application_udp(struct sock *sk)
{
	struct sock___udp *view = (void *)sk;

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_UDP && BPF_CORE_READ(view, sk_socket, file);
}

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

enum admission {
	ADMITTED,
	/* The operator's rules exclude the datagram; it is counted as excluded. */
	EXCLUDED,
	/* The socket is not UDP, or belongs to the kernel; the datagram is not counted at all. */
	NOT_COUNTED,
};

/*
 * Sets cgroup, network namespace and role of a datagram that has no flow, and decides whether the datagram is counted.
 */
static __always_inline enum admission admit(struct datagram *datagram, struct sock *sk)
{
	if (!is_application_udp(sk))
		return NOT_COUNTED;
	datagram->cgroup_id = socket_cgroup_id(sk, true);
	datagram->network_namespace = network_namespace(sk, true);
	datagram->role = role_by_ports(&datagram->key, sk);
	return is_excluded(datagram, sk, server_port(&datagram->key, role_in_flow(datagram))) ? EXCLUDED : ADMITTED;
}

#endif
