/*
 * Counts UDP with programs on kernel functions that only UDP calls (fentry, fexit): no program runs for TCP.
 *
 * Sent datagrams are counted in udp_send_skb(). Unlike udp_sendmsg(), this function is called once per datagram, even
 * if several system calls wrote the datagram (MSG_MORE, UDP_CORK), and it knows the source address, even if the socket
 * is bound to any address. If IP refuses the datagram (netfilter, for example), the function fails and the datagram is
 * not counted.
 *
 * Received datagrams are counted in skb_consume_udp(). The kernel calls this function once per datagram that a process
 * reads, in the reading process.
 *
 * Tunnels call neither function: they use udp_tunnel_xmit_skb() and encap_rcv().
 */
#include "udp_dns_answers.bpf.h"
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/*
 * The datagrams of the threads that are executing a traced function, by thread id. An entry exists while the thread is
 * in the function.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct datagram);
} in_flight SEC(".maps");

/* Runs at the entry of a traced function: stores the datagram until the function returns. */
static __always_inline void store_in_flight(struct datagram *datagram, struct sock *sk, struct natator_flow *flow)
{
	__u32 thread = bpf_get_current_pid_tgid();

	if (flow) {
		datagram->cgroup_id = flow->record.cgroup_id;
		datagram->network_namespace = flow->record.network_namespace;
		datagram->role = flow->record.role;
	} else {
		enum admission admission = admit(datagram, sk);

		if (admission == NOT_COUNTED)
			return;
		datagram->excluded = admission == EXCLUDED;
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
	/* skb->len includes the IP header here. */
	datagram.bytes = skb->len - (skb->transport_header - skb->network_header) - UDP_HEADER_BYTES;
	datagram.count = datagrams(datagram.bytes, segment);
	store_in_flight(&datagram, sk, bpf_map_lookup_elem(&flows, &datagram.key));
	return 0;
}

/*
 * Copies a DNS answer from the linear part of the buffer only: the driver can have put the rest into pages that
 * programs cannot read.
 */
static __always_inline void copy_answer(struct sk_buff *skb, const struct datagram *datagram)
{
	struct natator_answer *answer = reserve_answer(datagram, skb->len - skb->data_len, bpf_ktime_get_boot_ns());

	if (!answer)
		return;
	if (bpf_probe_read_kernel(answer->payload, bounded(answer->copied), skb->data)) {
		drop_answer(answer);
		return;
	}
	submit_answer(answer);
}

/*
 * Counts a datagram that a process reads, but not one that it only peeks at (MSG_PEEK), for which the kernel passes a
 * negative length. For a peek at an empty datagram the kernel passes 0; such a peek is recognized by the second
 * reference to the buffer.
 */
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
	/*
	 * skb->len is the whole payload, even if the reader's buffer is smaller: the kernel has already removed the
	 * headers.
	 */
	datagram.bytes = skb->len;
	shared = (void *)(skb->head + skb->end);
	datagram.count = datagrams(datagram.bytes, BPF_CORE_READ(shared, gso_size));
	flow = bpf_map_lookup_elem(&flows, &datagram.key);
	store_in_flight(&datagram, sk, flow);
	if (first && flow && is_dns_answer(&datagram, flow))
		copy_answer(skb, &datagram);
	return 0;
}

/* Runs at the return of a traced function: counts the stored datagram if the function has succeeded. */
static __always_inline int on_return(bool succeeded)
{
	__u32 thread = bpf_get_current_pid_tgid();
	struct datagram *stored = bpf_map_lookup_elem(&in_flight, &thread);
	struct natator_flow *flow;
	struct datagram datagram;
	__u64 now;

	if (!stored)
		return 0;
	datagram = *stored;
	if (bpf_map_delete_elem(&in_flight, &thread) || !succeeded)
		return 0;
	if (datagram.excluded) {
		count_many(NATATOR_STATISTIC_EXCLUDED, datagram.count);
		return 0;
	}
	now = bpf_ktime_get_boot_ns();
	flow = bpf_map_lookup_elem(&flows, &datagram.key);
	if (!flow || !add_to_flow(flow, &datagram, true, now))
		count_without_flow(&datagram, true, now);
	return 0;
}

/*
 * Each program is attached twice, because the kernel skips a program that is already running on the CPU
 * (recursion_misses). If a thread preempts one copy, the other copy handles its datagram. Both copies store the same
 * datagram, and only the copy that deletes it counts it. For the same reason the programs of an old and a new collector
 * do not count a datagram twice.
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
