/*
 * A datagram in the kernel's hands: whose socket, which two ends, how many bytes. What is read here of a socket is read
 * through bpf_probe_read_kernel(), so that it serves programs whose pointers the verifier knows (fentry) and others
 * (cgroup_skb).
 */
#ifndef NATATOR_UDP_DATAGRAM_BPF_H
#define NATATOR_UDP_DATAGRAM_BPF_H

#include "addresses.bpf.h"
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
	__u8 sent;
	/* enum natator_role, of the socket, as far as its ports or its flow decide it. */
	__u8 role;
	/* By the filter. */
	__u16 left_out;
};

struct ports {
	__be16 source;
	__be16 destination;
};

static __always_inline __u32 datagrams(__u32 bytes, __u32 segment)
{
	return segment && bytes > segment ? (bytes + segment - 1) / segment : 1;
}

/* The first bytes of an IP header, of either version: 40 bytes are there, if not the header's, then of what follows. */
struct ip_header {
	__u8 version_and_length;
	__u8 between[5];
	__u8 next_header_of_ipv6;
	__u8 more;
	__be32 words[8];
};
_Static_assert(sizeof(struct ip_header) == 40, "ip_header");

static __always_inline bool is_ipv6(const struct ip_header *header)
{
	return header->version_and_length >> 4 == 6;
}

static __always_inline void addresses_in(const struct ip_header *header, struct natator_address *source,
					 struct natator_address *destination)
{
	if (is_ipv6(header)) {
		__builtin_memcpy(source, header->words, sizeof(*source));
		__builtin_memcpy(destination, header->words + 4, sizeof(*destination));
	} else {
		map_ipv4(source, header->words[1]);
		map_ipv4(destination, header->words[2]);
	}
}

/* A socket that a process holds, and not the kernel itself (tunnels, NFS), and UDP (not UDP-Lite). */
static __always_inline bool is_application_udp(struct sock *sk)
{
	struct sock___udp *view = (void *)sk;

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_UDP && BPF_CORE_READ(view, sk_socket, file);
}

#endif
