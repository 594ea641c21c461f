/*
 * What a datagram in the kernel's hands says of itself: whose socket, which two ends, how many bytes. Reads through
 * bpf_probe_read_kernel() alone, so that it serves programs whose pointers the verifier knows (fentry) and others
 * (cgroup_skb).
 */
#ifndef NATATOR_UDP_DATAGRAM_BPF_H
#define NATATOR_UDP_DATAGRAM_BPF_H

#include "vmlinux_udp.h"
#include "natator_udp.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define UDP_HEADER_BYTES 8

struct datagram {
	struct natator_flow_key key;
	__u64 cgroup_id;
	__u32 network_namespace;
	__u32 bytes;
	/* More than one where the kernel handles several of a size as one (UDP_SEGMENT, UDP_GRO). */
	__u32 count;
	__u32 sent;
};

struct ports {
	__be16 source;
	__be16 destination;
};

struct ends {
	struct natator_address source;
	struct natator_address destination;
	struct ports ports;
};

static __always_inline void map_ipv4(struct natator_address *address, __be32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = 0;
	address->words[2] = bpf_htonl(0xffff);
	address->words[3] = ipv4;
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

/* The IP header's addresses, and the UDP header's ports, which a datagram that is being sent does not have yet. */
static __always_inline bool read_ends(struct sk_buff *skb, struct ends *ends)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	unsigned char *header = head + BPF_CORE_READ(skb, network_header);
	/* An IPv6 header without its first 8 bytes; in an IPv4 one, 4 bytes from here, are the addresses. */
	struct natator_address both[2];
	__u8 version;

	if (bpf_probe_read_kernel(&version, sizeof(version), header))
		return false;
	if (version >> 4 == 6) {
		if (bpf_probe_read_kernel(both, sizeof(both), header + 8))
			return false;
		ends->source = both[0];
		ends->destination = both[1];
	} else if (version >> 4 == 4) {
		if (bpf_probe_read_kernel(both, 8, header + 12))
			return false;
		map_ipv4(&ends->source, both[0].words[0]);
		map_ipv4(&ends->destination, both[0].words[1]);
	} else {
		return false;
	}
	return bpf_probe_read_kernel(&ends->ports, sizeof(ends->ports), head + BPF_CORE_READ(skb, transport_header)) ==
	       0;
}

/* Bytes behind the UDP header, wherever in the datagram the kernel is just now. */
static __always_inline __u32 payload_bytes(struct sk_buff *skb)
{
	unsigned char *payload = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, transport_header) + UDP_HEADER_BYTES;

	return BPF_CORE_READ(skb, len) - (__u32)(payload - BPF_CORE_READ(skb, data));
}

static __always_inline __u32 datagrams(__u32 bytes, __u32 segment)
{
	return segment && bytes > segment ? (bytes + segment - 1) / segment : 1;
}

/* The size that the datagrams of a large one have, 0 for a single one. */
static __always_inline __u32 segment_bytes(struct sk_buff *skb)
{
	struct skb_shared_info *shared = (void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));

	return BPF_CORE_READ(shared, gso_size);
}

static __always_inline void addresses_of(struct sock *sk, struct natator_address *local, struct natator_address *remote)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6) {
		BPF_CORE_READ_INTO(local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32);
		BPF_CORE_READ_INTO(remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32);
	} else {
		map_ipv4(local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		map_ipv4(remote, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	}
}

/* A socket that a process holds, and not the kernel itself (tunnels, NFS), and UDP (not UDP-Lite). */
static __always_inline bool is_application_udp(struct sock *sk)
{
	struct sock___udp *view = (void *)sk;

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_UDP && BPF_CORE_READ(view, sk_socket, file);
}

static __always_inline __u64 cgroup_id_of(struct sock *sk)
{
	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	return BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
}

#endif
