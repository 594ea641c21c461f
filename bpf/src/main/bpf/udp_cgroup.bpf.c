/*
 * UDP where cgroups see packets, for kernels without fentry. Every packet of every socket passes here, TCP's too, and leaves at
 * once; that is what it costs.
 *
 * A datagram that arrives is counted before the socket's buffer takes it: one that is dropped there, or never read, is counted.
 */
#include "udp_flows.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define LET_PASS 1

/* The kernel's own pointer as a number: the verifier does not let go of one it knows. */
static __always_inline void *untyped(void *pointer)
{
	void *number;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

static __always_inline int on_packet(struct __sk_buff *context, bool sent)
{
	struct datagram datagram = {.sent = sent};
	struct bpf_sock *socket = context->sk ? bpf_sk_fullsock(context->sk) : NULL;
	struct natator_address bound, connected;
	struct sk_buff *skb;
	struct sock *sk;
	struct ends ends;

	if (!socket || socket->protocol != IPPROTO_UDP)
		return LET_PASS;
	sk = untyped(socket);
	skb = untyped(context);
	if (!is_application_udp(sk) || !read_ends(skb, &ends))
		return LET_PASS;
	datagram.key.cookie = bpf_get_socket_cookie(context);
	if (sent) {
		/* Address translation on this machine has been at the header, but not at the socket. */
		addresses_of(sk, &bound, &connected);
		datagram.key.local_address = is_wildcard(&bound) ? ends.source : bound;
		datagram.key.local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
		if (is_wildcard(&connected)) {
			datagram.key.remote_address = ends.destination;
			datagram.key.remote_port = bpf_ntohs(ends.ports.destination);
		} else {
			datagram.key.remote_address = connected;
			datagram.key.remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
		}
	} else {
		datagram.key.local_address = ends.destination;
		datagram.key.remote_address = ends.source;
		datagram.key.local_port = bpf_ntohs(ends.ports.destination);
		datagram.key.remote_port = bpf_ntohs(ends.ports.source);
	}
	datagram.bytes = payload_bytes(skb);
	datagram.count = datagrams(datagram.bytes, segment_bytes(skb));
	if (admit(&datagram, sk))
		account(&datagram, sent);
	return LET_PASS;
}

SEC("cgroup_skb/egress")
int udp_egress(struct __sk_buff *context)
{
	return on_packet(context, true);
}

SEC("cgroup_skb/ingress")
int udp_ingress(struct __sk_buff *context)
{
	return on_packet(context, false);
}
