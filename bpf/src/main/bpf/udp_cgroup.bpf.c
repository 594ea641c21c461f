/*
 * Counts UDP with programs on the root cgroup (cgroup_skb), for kernels without fentry. The programs run for every
 * packet of every socket, also of TCP, and return at once if the packet is not UDP. This slows down TCP a little.
 *
 * A received datagram is counted when it arrives, before it enters the socket's buffer. So a datagram that the buffer
 * drops, or that no process reads, is counted too.
 */
#include "udp_dns_answers.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define ALLOW_PACKET 1

/*
 * Hides a pointer's type from the verifier, which does not allow programs to read the kernel's own members through a
 * pointer of this type.
 */
static __always_inline void *untyped(void *pointer)
{
	void *number;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/* Returns the offset of the UDP header from the beginning of the packet. The packet begins with its IP header. */
static __always_inline __u32 udp_offset(struct __sk_buff *context, const struct ip_header *header)
{
	struct sk_buff *skb;

	if (!is_ipv6(header))
		return (header->version_and_length & 0xf) * 4;
	if (header->next_header_of_ipv6 == IPPROTO_UDP)
		return sizeof(*header);
	skb = untyped(context);
	return BPF_CORE_READ(skb, transport_header) - BPF_CORE_READ(skb, network_header);
}

/*
 * Replaces the addresses of a sent datagram by the addresses that its socket is bound or connected to, because address
 * translation on this machine can have changed the datagram's header. volatile keeps the compiler from computing
 * offsets: the verifier requires that each member is read at its own constant offset.
 */
static __always_inline void use_socket_addresses(volatile struct bpf_sock *socket, struct natator_flow_key *flow)
{
	struct natator_address bound, connected;

	if (socket->family == AF_INET6) {
		bound.words[0] = socket->src_ip6[0];
		bound.words[1] = socket->src_ip6[1];
		bound.words[2] = socket->src_ip6[2];
		bound.words[3] = socket->src_ip6[3];
		connected.words[0] = socket->dst_ip6[0];
		connected.words[1] = socket->dst_ip6[1];
		connected.words[2] = socket->dst_ip6[2];
		connected.words[3] = socket->dst_ip6[3];
	} else {
		map_ipv4(&bound, socket->src_ip4);
		map_ipv4(&connected, socket->dst_ip4);
	}
	flow->local_port = socket->src_port;
	if (!is_wildcard(&bound))
		flow->local_address = bound;
	if (!is_wildcard(&connected)) {
		flow->remote_address = connected;
		flow->remote_port = bpf_ntohs(socket->dst_port);
	}
}

static __always_inline void copy_answer(struct __sk_buff *context, const struct datagram *datagram, __u32 offset, __u64 now)
{
	struct natator_answer *answer = reserve_answer(datagram, datagram->bytes, now);

	if (!answer)
		return;
	if (bpf_skb_load_bytes(context, offset, answer->payload, bounded(answer->copied))) {
		drop_answer(answer);
		return;
	}
	submit_answer(answer);
}

static __always_inline int on_packet(struct __sk_buff *context, bool sent)
{
	struct datagram datagram = {.sent = sent};
	struct bpf_sock *socket = context->sk ? bpf_sk_fullsock(context->sk) : NULL;
	struct natator_flow *flow;
	struct ip_header header;
	struct ports ports;
	__u32 offset;
	__u64 now;

	if (!socket || socket->protocol != IPPROTO_UDP)
		return ALLOW_PACKET;
	/*
	 * Fewer than 40 bytes are readable if the datagram is short: an IPv4 datagram without payload and IP options
	 * has 28.
	 */
	if (bpf_skb_load_bytes(context, 0, &header, sizeof(header))) {
		__builtin_memset(&header, 0, sizeof(header));
		if (bpf_skb_load_bytes(context, 0, &header, 20))
			return ALLOW_PACKET;
	}
	offset = udp_offset(context, &header);
	if (bpf_skb_load_bytes(context, offset, &ports, sizeof(ports)))
		return ALLOW_PACKET;
	datagram.key.cookie = bpf_get_socket_cookie(context);
	if (sent) {
		addresses_in(&header, &datagram.key.local_address, &datagram.key.remote_address);
		datagram.key.remote_port = bpf_ntohs(ports.destination);
		use_socket_addresses(socket, &datagram.key);
	} else {
		addresses_in(&header, &datagram.key.remote_address, &datagram.key.local_address);
		datagram.key.local_port = bpf_ntohs(ports.destination);
		datagram.key.remote_port = bpf_ntohs(ports.source);
	}
	datagram.bytes = context->len - offset - UDP_HEADER_BYTES;
	datagram.count = datagrams(datagram.bytes, context->gso_size);
	now = bpf_ktime_get_boot_ns();
	flow = bpf_map_lookup_elem(&flows, &datagram.key);
	if (flow) {
		datagram.cgroup_id = flow->record.cgroup_id;
		datagram.network_namespace = flow->record.network_namespace;
		if (is_dns_answer(&datagram, flow))
			copy_answer(context, &datagram, offset + UDP_HEADER_BYTES, now);
		if (add_to_flow(flow, &datagram, sent, now))
			return ALLOW_PACKET;
	}
	switch (admit(&datagram, untyped(socket))) {
	case ADMITTED:
		count_without_flow(&datagram, sent, now);
		break;
	case EXCLUDED:
		count_many(NATATOR_STATISTIC_EXCLUDED, datagram.count);
		break;
	case NOT_COUNTED:
		break;
	}
	return ALLOW_PACKET;
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
