/*
 * UDP on functions that only UDP reaches: TCP never runs a program of ours.
 *
 * udp_send_skb() and not udp_sendmsg(): it is called once a datagram, however many calls wrote it (MSG_MORE, UDP_CORK), and
 * there the source address is known, which a socket bound to any address has only then. What IP refuses, such as by
 * netfilter, is an error to the sender and not counted. skb_consume_udp() and not the arrival: it is called once a datagram
 * that a process reads, in that process. Tunnels reach neither (udp_tunnel_xmit_skb(), encap_rcv()).
 */
#include "udp_answers.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Between entry and return of the function that a thread is in. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct datagram);
} in_flight SEC(".maps");

static __always_inline void keep(struct datagram *datagram, struct sock *sk, struct natator_flow *flow)
{
	__u32 thread = bpf_get_current_pid_tgid();

	if (flow) {
		datagram->cgroup_id = flow->record.cgroup_id;
		datagram->network_namespace = flow->record.network_namespace;
		datagram->role = flow->record.role;
	} else {
		enum admission admission = admit(datagram, sk);

		if (admission == NOT_OURS)
			return;
		datagram->left_out = admission == LEFT_OUT;
	}
	if (bpf_map_update_elem(&in_flight, &thread, datagram, BPF_ANY))
		count_many(NATATOR_STATISTIC_LOST, datagram->count);
}

static __always_inline bool read_header(struct sk_buff *skb, struct ip_header *header)
{
	return bpf_probe_read_kernel(header, sizeof(*header), skb->head + skb->network_header) == 0;
}

static __always_inline int on_send(struct sk_buff *skb, __be16 destination_port, __u32 segment)
{
	struct datagram datagram = {.sent = 1};
	struct sock *sk = skb->sk;
	struct inet_sock *inet = (struct inet_sock *)sk;
	struct ip_header header;

	if (!sk || sk->sk_protocol != IPPROTO_UDP || !read_header(skb, &header))
		return 0;
	datagram.key.cookie = bpf_get_socket_cookie(sk);
	addresses_in(&header, &datagram.key.local_address, &datagram.key.remote_address);
	datagram.key.local_port = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
	datagram.key.remote_port = bpf_ntohs(destination_port);
	/* The datagram begins with its IP header. */
	datagram.bytes = skb->len - (skb->transport_header - skb->network_header) - UDP_HEADER_BYTES;
	datagram.count = datagrams(datagram.bytes, segment);
	keep(&datagram, sk, bpf_map_lookup_elem(&flows, &datagram.key));
	return 0;
}

/* The part of it that is in one piece: a network card's driver may have left the rest in pages that no program reads. */
static __always_inline void copy_answer(struct sk_buff *skb, const struct datagram *datagram)
{
	struct natator_answer *answer = answer_of(datagram, skb->len - skb->data_len, bpf_ktime_get_boot_ns());

	if (!answer)
		return;
	if (bpf_probe_read_kernel(answer->payload, bounded(answer->copied), skb->data)) {
		count_answer(NATATOR_ANSWERS_DROPPED);
		bpf_ringbuf_discard(answer, BPF_RB_NO_WAKEUP);
		return;
	}
	hand_over_answer(answer);
}

/* A peek has a negative length, and 0 where the datagram is empty: then it is still somebody else's as well. */
static __always_inline int on_receive(struct sock *sk, struct sk_buff *skb, int length, bool first)
{
	struct datagram datagram = {};
	struct skb_shared_info *shared;
	struct natator_flow *flow;
	struct ip_header header;
	struct ports ports;

	if (length < 0 || (!length && skb->users.refs.counter > 1) || sk->sk_protocol != IPPROTO_UDP)
		return 0;
	if (!read_header(skb, &header) ||
	    bpf_probe_read_kernel(&ports, sizeof(ports), skb->head + skb->transport_header))
		return 0;
	datagram.key.cookie = bpf_get_socket_cookie(sk);
	addresses_in(&header, &datagram.key.remote_address, &datagram.key.local_address);
	datagram.key.local_port = bpf_ntohs(ports.destination);
	datagram.key.remote_port = bpf_ntohs(ports.source);
	/* The headers are pulled: what is left is payload. A short read counts whole, as it arrived. */
	datagram.bytes = skb->len;
	shared = (void *)(skb->head + skb->end);
	datagram.count = datagrams(datagram.bytes, BPF_CORE_READ(shared, gso_size));
	flow = bpf_map_lookup_elem(&flows, &datagram.key);
	keep(&datagram, sk, flow);
	if (first && flow && is_answer(&datagram, flow))
		copy_answer(skb, &datagram);
	return 0;
}

static __always_inline int on_return(bool taken)
{
	__u32 thread = bpf_get_current_pid_tgid();
	struct datagram *kept = bpf_map_lookup_elem(&in_flight, &thread);
	struct natator_flow *flow;
	struct datagram datagram;
	__u64 now;

	if (!kept)
		return 0;
	datagram = *kept;
	if (bpf_map_delete_elem(&in_flight, &thread) || !taken)
		return 0;
	if (datagram.left_out) {
		count_many(NATATOR_STATISTIC_LEFT_OUT, datagram.count);
		return 0;
	}
	now = bpf_ktime_get_boot_ns();
	flow = bpf_map_lookup_elem(&flows, &datagram.key);
	if (!flow || !add_to(flow, &datagram, true, now))
		account_without_flow(&datagram, true, now);
	return 0;
}

/*
 * Twice the same: a program is not re-entrant on a CPU (recursion_misses), so a thread that preempts one copy finds the other
 * free. What is kept is the same for both, and is counted by the one that takes it out. A new collector's programs run beside
 * the old one's for a moment, with the same effect: none.
 */
#define TWICE(function, attached, declaration, call)                                                                   \
	SEC(attached) int BPF_PROG(function##_one, declaration) { return call; }                                       \
	SEC(attached) int BPF_PROG(function##_two, declaration) { return call; }
#define LIST(...) __VA_ARGS__

TWICE(udp_send, "fentry/udp_send_skb", LIST(struct sk_buff *skb, struct flowi4 *flow, struct inet_cork *cork),
      on_send(skb, flow->uli.ports.dport, cork->gso_size))
TWICE(udp_sent, "fexit/udp_send_skb",
      LIST(struct sk_buff *skb, struct flowi4 *flow, struct inet_cork *cork, int result), on_return(result == 0))
TWICE(udp6_send, "fentry/udp_v6_send_skb", LIST(struct sk_buff *skb, struct flowi6 *flow, struct inet_cork *cork),
      on_send(skb, flow->uli.ports.dport, cork->gso_size))
TWICE(udp6_sent, "fexit/udp_v6_send_skb",
      LIST(struct sk_buff *skb, struct flowi6 *flow, struct inet_cork *cork, int result), on_return(result == 0))

SEC("fentry/skb_consume_udp")
int BPF_PROG(udp_receive_one, struct sock *sk, struct sk_buff *skb, int length)
{
	return on_receive(sk, skb, length, true);
}

SEC("fentry/skb_consume_udp")
int BPF_PROG(udp_receive_two, struct sock *sk, struct sk_buff *skb, int length)
{
	return on_receive(sk, skb, length, false);
}

TWICE(udp_received, "fexit/skb_consume_udp", LIST(struct sock *sk, struct sk_buff *skb, int length), on_return(true))
