/* Whose a socket is, kept in its storage, and how a record describes it. */
#ifndef NATATOR_SOCKET_IDENTITY_BPF_H
#define NATATOR_SOCKET_IDENTITY_BPF_H

#include "core_fixes.bpf.h"
#include "hand_over.bpf.h"
#include "tcp_counters.bpf.h"
#include <bpf/bpf_endian.h>

enum socket_stage {
	STAGE_NEW = 0,
	STAGE_CONNECTING,
	STAGE_ESTABLISHED,
	STAGE_CLOSED,
	/* By the filter: nothing more is said about the connection. */
	STAGE_LEFT_OUT,
};

/* Lives as long as its socket. */
struct socket_identity {
	__u64 cookie;
	__u64 start_nanos;
	__u64 fingerprint;
	__u64 cgroup_id;
	struct natator_record_seen seen;
	__u32 network_namespace;
	__u32 pid;
	__u8 command[NATATOR_COMMAND_LENGTH];
	__u32 role;
	/* Whether bytes_acked counts our SYN: the active opener's does. True until the opposite is known. */
	__u32 counts_syn;
	/* enum socket_stage; only ever exchanged atomically. */
	__u32 stage;
};

/* Not BPF_F_CLONE: where a clone fails, the kernel drops the application's connection (sk_clone_lock()). */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_identity);
} sockets SEC(".maps");

struct listener_key {
	struct natator_address address;
	__u32 network_namespace;
	__u16 port;
	__u16 reserved;
};

struct listener {
	__u32 pid;
	__u8 command[NATATOR_COMMAND_LENGTH];
};

/* Who listens: a passive open happens in softirq context, where the current task is anybody. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct listener_key);
	__type(value, struct listener);
} listeners SEC(".maps");

static __always_inline void map_ipv4(struct natator_address *address, __be32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = 0;
	address->words[2] = bpf_htonl(0xffff);
	address->words[3] = ipv4;
}

static __always_inline void copy_ipv6(struct natator_address *address, struct in6_addr *ipv6)
{
	address->words[0] = ipv6->in6_u.u6_addr32[0];
	address->words[1] = ipv6->in6_u.u6_addr32[1];
	address->words[2] = ipv6->in6_u.u6_addr32[2];
	address->words[3] = ipv6->in6_u.u6_addr32[3];
}

static __always_inline void local_address(struct sock *sk, struct natator_address *address)
{
	if (sk->__sk_common.skc_family == AF_INET6)
		copy_ipv6(address, &sk->__sk_common.skc_v6_rcv_saddr);
	else
		map_ipv4(address, sk->__sk_common.skc_rcv_saddr);
}

static __always_inline void remote_address(struct sock *sk, struct natator_address *address)
{
	if (sk->__sk_common.skc_family == AF_INET6)
		copy_ipv6(address, &sk->__sk_common.skc_v6_daddr);
	else
		map_ipv4(address, sk->__sk_common.skc_daddr);
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

static __always_inline bool is_tcp(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;

	return sk->sk_protocol == IPPROTO_TCP && (family == AF_INET || family == AF_INET6);
}

/* skc_num is 0 again when a socket closes; inet_sport stays. */
static __always_inline __u16 local_port(struct tcp_sock *tcp)
{
	return bpf_ntohs(tcp->inet_conn.icsk_inet.inet_sport);
}

/* The thread group leader's name, as ps shows it: a thread of a pool has a name of its own. */
static __always_inline void name_process(struct task_struct *task, __u32 *pid, __u8 *command)
{
	*pid = task->tgid;
	bpf_probe_read_kernel_str(command, NATATOR_COMMAND_LENGTH, task->group_leader->comm);
}

static __always_inline void remember_listener(struct sock *sk, struct task_struct *task, __u64 flags)
{
	struct listener_key key = {};
	struct listener listener = {};

	local_address(sk, &key.address);
	key.network_namespace = sk->__sk_common.skc_net.net->ns.inum;
	key.port = sk->__sk_common.skc_num;
	name_process(task, &listener.pid, listener.command);
	bpf_map_update_elem(&listeners, &key, &listener, flags);
}

/* The kernel's order: a listener on the very address before one on all addresses. */
static __always_inline struct listener *find_listener(struct sock *sk, struct tcp_sock *tcp, __u32 network_namespace)
{
	struct listener_key key = {};
	struct listener *listener;
	bool ipv4;

	local_address(sk, &key.address);
	key.network_namespace = network_namespace;
	key.port = local_port(tcp);
	ipv4 = is_mapped_ipv4(&key.address);
	listener = bpf_map_lookup_elem(&listeners, &key);
	if (listener)
		return listener;
	if (ipv4) {
		map_ipv4(&key.address, 0);
		listener = bpf_map_lookup_elem(&listeners, &key);
		if (listener)
			return listener;
	}
	__builtin_memset(&key.address, 0, sizeof(key.address));
	return bpf_map_lookup_elem(&listeners, &key);
}

static __always_inline void name_server(struct socket_identity *identity, struct sock *sk, struct tcp_sock *tcp)
{
	struct listener *listener = find_listener(sk, tcp, identity->network_namespace);

	if (!listener)
		return;
	identity->pid = listener->pid;
	__builtin_memcpy(identity->command, listener->command, sizeof(identity->command));
}

static __always_inline void begin(struct socket_identity *identity, struct sock *sk, __u64 now)
{
	identity->cookie = bpf_get_socket_cookie(sk);
	identity->start_nanos = now;
	identity->fingerprint = 0;
	identity->cgroup_id = socket_cgroup_id(sk);
	__builtin_memset(&identity->seen, 0, sizeof(identity->seen));
	identity->network_namespace = sk->__sk_common.skc_net.net->ns.inum;
	identity->pid = 0;
	__builtin_memset(identity->command, 0, sizeof(identity->command));
	identity->role = NATATOR_UNKNOWN_ROLE;
	identity->counts_syn = 1;
}

/* False for a socket without a peer: no record ever has an unspecified one. */
static __always_inline bool describe(struct natator_record *record, const struct socket_identity *identity,
				     struct sock *sk, struct tcp_sock *tcp, __u64 now)
{
	remote_address(sk, &record->remote_address);
	if (is_wildcard(&record->remote_address))
		return false;
	local_address(sk, &record->local_address);
	record->cookie = identity->cookie;
	record->start_nanos = identity->start_nanos;
	record->observed_nanos = now;
	record->fingerprint = identity->fingerprint;
	record->cgroup_id = identity->cgroup_id;
	record->network_namespace = identity->network_namespace;
	record->pid = identity->pid;
	record->local_port = local_port(tcp);
	record->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	__builtin_memcpy(record->command, identity->command, sizeof(record->command));
	record->protocol = IPPROTO_TCP;
	record->role = identity->role;
	record->close_reason = NATATOR_REASON_NONE;
	return true;
}

static __always_inline void measure(struct natator_record *record, const struct tcp_payload *payload,
				    struct tcp_sock *tcp)
{
	__u32 min_rtt = tcp->rtt_min.s[0].v;

	record->bytes_sent = payload->sent;
	record->bytes_acked = payload->acked;
	record->bytes_received = payload->received;
	record->segments_sent = tcp->segs_out;
	record->segments_received = tcp->segs_in;
	record->retransmits = tcp->total_retrans;
	record->smoothed_rtt_micros = tcp->srtt_us >> 3;
	/* ~0 until there is a sample (tcp_init_sock()). */
	record->min_rtt_micros = min_rtt == ~0U ? 0 : min_rtt;
}

/*
 * An open tells who; bytes are left to live readings and closes. Otherwise a fold, which knows of what was seen live
 * alone, would count the bytes of an adopted connection a second time.
 */
static __always_inline void announce(const struct socket_identity *identity, struct sock *sk, struct tcp_sock *tcp,
				     __u64 now)
{
	struct natator_record record = {.event = NATATOR_OPENED};

	count(NATATOR_STATISTIC_OPENED);
	if (describe(&record, identity, sk, tcp, now))
		hand_over_open(&record);
}

#endif
