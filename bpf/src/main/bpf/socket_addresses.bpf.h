/* Reads addresses, ports and network namespace of a socket. An IPv4 address becomes an IPv4-mapped IPv6 address. */
#ifndef NATATOR_SOCKET_ADDRESSES_BPF_H
#define NATATOR_SOCKET_ADDRESSES_BPF_H

#include "kernel_differences.bpf.h"
#include "record_layout.h"
#include <bpf/bpf_endian.h>

static __always_inline void map_ipv4(struct natator_address *address, __be32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = 0;
	address->words[2] = bpf_htonl(0xffff);
	address->words[3] = ipv4;
}

static __always_inline void local_address(struct sock *sk, struct natator_address *address, bool probed)
{
	if (FIELD(probed, sk, __sk_common.skc_family) == AF_INET6)
		for (int word = 0; word < 4; word++)
			address->words[word] = FIELD(probed, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[word]);
	else
		map_ipv4(address, FIELD(probed, sk, __sk_common.skc_rcv_saddr));
}

static __always_inline void remote_address(struct sock *sk, struct natator_address *address, bool probed)
{
	if (FIELD(probed, sk, __sk_common.skc_family) == AF_INET6)
		for (int word = 0; word < 4; word++)
			address->words[word] = FIELD(probed, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[word]);
	else
		map_ipv4(address, FIELD(probed, sk, __sk_common.skc_daddr));
}

static __always_inline bool is_mapped_ipv4(const struct natator_address *address)
{
	return !address->words[0] && !address->words[1] && address->words[2] == bpf_htonl(0xffff);
}

static __always_inline bool is_wildcard(const struct natator_address *address)
{
	return !address->words[3] && !address->words[0] && !address->words[1] &&
	       (!address->words[2] || address->words[2] == bpf_htonl(0xffff));
}

/*
 * Returns the local port. It reads inet_sport instead of skc_num, because the kernel sets skc_num to 0 before a socket
 * closes.
 */
static __always_inline __u16 local_port(struct tcp_sock *tcp, bool probed)
{
	return bpf_ntohs(FIELD(probed, tcp, inet_conn.icsk_inet.inet_sport));
}

static __always_inline __u16 remote_port(struct sock *sk, bool probed)
{
	return bpf_ntohs(FIELD(probed, sk, __sk_common.skc_dport));
}

static __always_inline __u32 network_namespace(struct sock *sk, bool probed)
{
	return probed ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) : sk->__sk_common.skc_net.net->ns.inum;
}

#endif
