/*
 * Defines a datagram as both kinds of hooks (fentry and cgroup_skb) describe it, and functions that read addresses from
 * an IP header. All udp_*.bpf.h files read sockets with bpf_probe_read_kernel(), because in cgroup_skb programs the
 * verifier does not know the types of kernel pointers.
 */
#ifndef NATATOR_UDP_DATAGRAM_BPF_H
#define NATATOR_UDP_DATAGRAM_BPF_H

#include "socket_addresses.bpf.h"
#include "vmlinux_udp.h"
#include "udp_record_layout.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define UDP_HEADER_BYTES 8

struct datagram {
	struct natator_flow_key key;
	__u64 cgroup_id;
	__u32 network_namespace;
	__u32 bytes;
	/*
	 * Number of datagrams: more than 1 if the kernel handles several datagrams as one buffer (UDP_SEGMENT,
	 * UDP_GRO).
	 */
	__u32 count;
	__u8 sent;
	/*
	 * The role of the socket (enum natator_role); NATATOR_UNKNOWN_ROLE if neither the ports nor an existing flow
	 * decide it.
	 */
	__u8 role;
	/* 1 if the filter excludes the datagram. */
	__u16 excluded;
};

struct ports {
	__be16 source;
	__be16 destination;
};

/*
 * Returns the number of datagrams in a buffer that has this many bytes of payload. segment: payload bytes per datagram;
 * 0 if the buffer is one datagram.
 */
static __always_inline __u32 datagrams(__u32 bytes, __u32 segment)
{
	return segment && bytes > segment ? (bytes + segment - 1) / segment : 1;
}

/* The first 40 bytes of an IP packet: an IPv6 header, or an IPv4 header and the bytes that follow it. */
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

#endif
