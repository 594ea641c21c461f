/*
 * The kernel types that only the UDP programs read. The rules of vmlinux.h apply here too. libbpf ignores ___ and
 * everything after it in a type's name: net___ports, for example, is matched with the kernel's type net.
 */
#ifndef __VMLINUX_UDP_H__
#define __VMLINUX_UDP_H__

#include "vmlinux.h"

/* From include/uapi/linux/in.h and include/uapi/linux/bpf.h. */
enum {
	IPPROTO_UDP = 17,
};

/*
 * From include/uapi/linux/bpf.h. These types need no relocation, because the verifier itself translates accesses to
 * them.
 */
struct bpf_spin_lock {
	__u32 val;
};

struct bpf_sock {
	__u32 bound_dev_if;
	__u32 family;
	__u32 type;
	__u32 protocol;
	__u32 mark;
	__u32 priority;
	__u32 src_ip4;
	__u32 src_ip6[4];
	__u32 src_port;
	__be16 dst_port;
	__u16 : 16;
	__u32 dst_ip4;
	__u32 dst_ip6[4];
};

struct __sk_buff {
	__u32 len;
	__u32 before_sk[41];
	union {
		struct bpf_sock *sk;
		__u64 : 64;
	} __attribute__((aligned(8)));
	__u32 gso_size;
};

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#endif

struct sk_buff {
	struct sock *sk;
	unsigned int len;
	unsigned int data_len;
	__u16 transport_header;
	__u16 network_header;
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
	struct {
		atomic_t refs;
	} users;
};

struct skb_shared_info {
	unsigned short gso_size;
};

struct inet_cork {
	__u16 gso_size;
};

union flowi_uli {
	struct {
		__be16 dport;
	} ports;
};

struct flowi4 {
	union flowi_uli uli;
};

struct flowi6 {
	union flowi_uli uli;
};

/*
 * The range of ephemeral ports. Since kernel commit d9f28735af87 ("tcp: use one u32 for the local port range", 6.8) it
 * is one word, with the highest port in its upper 16 bits. Before, it was an array of two ints
 * (local_ports___two_words).
 */
struct local_ports {
	__u32 range;
};

struct local_ports___two_words {
	int range[2];
};

struct netns_ipv4 {
	struct local_ports ip_local_ports;
};

struct net___ports {
	struct netns_ipv4 ipv4;
};

struct socket___udp {
	struct file *file;
};

struct sock___udp {
	struct socket___udp *sk_socket;
};

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif
