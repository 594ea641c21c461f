/*
 * A datagram as both kinds of hooks describe it (socket, ends, bytes), and functions that read it from an IP header. Sockets
 * are read with bpf_probe_read_kernel(), which works in both kinds of programs: fentry, where the verifier knows the types of
 * pointers, and cgroup_skb, where it does not.
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
	/* More than 1 if the kernel handles several datagrams as one buffer (UDP_SEGMENT, UDP_GRO). */
	__u32 count;
	__u8 sent;
	/* enum natator_role of the socket, if the ports or the flow have decided it. */
	__u8 role;
	/* Whether the filter excludes it. */
	__u16 excluded;
};

struct ports {
	__be16 source;
	__be16 destination;
};

/* How many datagrams of the segment size (0: not segmented) the bytes are. */
static __always_inline __u32 datagrams(__u32 bytes, __u32 segment)
{
	return segment && bytes > segment ? (bytes + segment - 1) / segment : 1;
}

/* The first 40 bytes of an IP packet. An IPv4 header is shorter; the rest is whatever follows it. */
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

/* Whether the socket is UDP (not UDP-Lite) and a process's, not the kernel's own (tunnels, NFS). */
static __always_inline bool is_application_udp(struct sock *sk)
{
	struct sock___udp *view = (void *)sk;

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_UDP && BPF_CORE_READ(view, sk_socket, file);
}

#endif
