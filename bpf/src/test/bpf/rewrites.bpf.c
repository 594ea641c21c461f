/*
 * Rewrites the destination of connections at connect(2), as the socket load balancing of Cilium does. The socket never
 * has the address that the application dialled.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* The first members of the struct in the kernel's include/uapi/linux/bpf.h, which vmlinux.h does not contain. */
struct bpf_sock_addr {
	__u32 user_family;
	__u32 user_ip4;
	__u32 user_ip6[4];
	__u32 user_port;
};

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Set by the test, in network byte order: address and port of a Service and of the pod behind it. */
const volatile __u32 service_address;
const volatile __u32 backend_address;
const volatile __u32 service_port;
const volatile __u32 backend_port;

SEC("cgroup/connect4")
int rewrite(struct bpf_sock_addr *context)
{
	if (context->user_ip4 == service_address && context->user_port == service_port) {
		context->user_ip4 = backend_address;
		context->user_port = backend_port;
	}
	return 1;
}
