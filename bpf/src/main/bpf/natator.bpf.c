/*
 * TCP connections: open, live counters, close.
 *
 * inet_sock_set_state and not the obvious per-segment hooks: it costs nothing while data moves, and at TCP_CLOSE the
 * socket is locked and its counters are final. Typed (tp_btf) and not the classic tracepoint, which has one recursion
 * guard for all programs of a CPU and loses closes through it.
 */
#include "vmlinux.h"
#include "natator.h"
#include "core_fixes.bpf.h"
#include "tcp_counters.bpf.h"
#include "hand_over.bpf.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum socket_stage {
	STAGE_NEW = 0,
	STAGE_CONNECTING,
	STAGE_ESTABLISHED,
	STAGE_CLOSED,
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

/* Filled by the refresh alone, so that short connections never touch it; emptied at close. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct natator_record);
} live SEC(".maps");

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

/* connect(2): process context, the current task is the client. */
static __always_inline void on_connect(struct sock *sk)
{
	struct socket_identity *identity = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!identity || identity->stage == STAGE_CONNECTING)
		return;
	begin(identity, sk, bpf_ktime_get_boot_ns());
	identity->role = NATATOR_CLIENT;
	name_process(bpf_get_current_task_btf(), &identity->pid, identity->command);
	__sync_lock_test_and_set(&identity->stage, STAGE_CONNECTING);
}

/*
 * A passive open is taken here and not at TCP_SYN_RECV, which the kernel reports for a child that is half cloned from its
 * listener: no peer, no cookie of its own. One that began with connect(2) stays a client, also in a simultaneous open.
 */
static __always_inline void on_established(struct sock *sk, int old_state)
{
	struct socket_identity *identity = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct tcp_reading reading;
	__u64 now;

	if (!identity || !tcp || identity->stage == STAGE_ESTABLISHED)
		return;
	now = bpf_ktime_get_boot_ns();
	if (identity->stage != STAGE_CONNECTING) {
		begin(identity, sk, now);
		identity->role = old_state == TCP_SYN_SENT ? NATATOR_CLIENT : NATATOR_SERVER;
		if (identity->role == NATATOR_SERVER)
			name_server(identity, sk, tcp);
	}
	read_tcp(tcp, sk, &reading);
	identity->fingerprint = fingerprint_of(&reading, identity->role);
	__sync_lock_test_and_set(&identity->stage, STAGE_ESTABLISHED);
	announce(identity, sk, tcp, now);
}

/* An open socket that the tracepoint never saw, or saw without enough to tell its role. */
static __always_inline void infer(struct socket_identity *identity, const struct tcp_reading *reading, struct sock *sk,
				  struct tcp_sock *tcp)
{
	if (identity->role == NATATOR_UNKNOWN_ROLE) {
		identity->role = role_of(reading);
		if (identity->role == NATATOR_UNKNOWN_ROLE && find_listener(sk, tcp, identity->network_namespace))
			identity->role = NATATOR_SERVER;
	}
	if (!identity->fingerprint)
		identity->fingerprint = fingerprint_of(reading, identity->role);
}

static __always_inline void on_close(struct sock *sk, int old_state)
{
	struct natator_record record = {};
	struct socket_identity *identity, unseen = {};
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	struct tcp_reading reading;
	struct tcp_payload payload;
	bool failed;
	__u32 stage;
	__u64 now;

	if (!tcp || old_state == TCP_CLOSE || old_state == TCP_LISTEN)
		return;
	/* Created even now, so that the program's other copy knows that the close is reported. */
	identity = bpf_sk_storage_get(&sockets, sk, 0,
				      old_state == TCP_SYN_RECV ? 0 : BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (old_state == TCP_SYN_RECV && (!identity || identity->stage != STAGE_CONNECTING))
		return;
	stage = identity ? __sync_lock_test_and_set(&identity->stage, STAGE_CLOSED) : STAGE_NEW;
	if (stage == STAGE_CLOSED)
		return;
	failed = old_state == TCP_SYN_SENT || old_state == TCP_SYN_RECV;
	now = bpf_ktime_get_boot_ns();
	if (!identity)
		identity = &unseen;
	if (stage == STAGE_NEW) {
		begin(identity, sk, now);
		if (failed)
			identity->role = NATATOR_CLIENT;
	}
	read_tcp(tcp, sk, &reading);
	reading.state = old_state;
	if (!failed) {
		infer(identity, &reading, sk, tcp);
		if (stage == STAGE_NEW && identity->role == NATATOR_SERVER)
			name_server(identity, sk, tcp);
	}
	if (identity->seen.live)
		bpf_map_delete_elem(&live, &identity->cookie);
	if (!describe(&record, identity, sk, tcp, now))
		return;
	if (failed) {
		count(NATATOR_STATISTIC_FAILED);
		record.event = NATATOR_FAILED;
		record.close_reason = failure_reason(sk->sk_err);
		record.segments_sent = tcp->segs_out;
		record.segments_received = tcp->segs_in;
		record.retransmits = tcp->total_retrans;
	} else {
		count(NATATOR_STATISTIC_CLOSED);
		record.event = NATATOR_CLOSED;
		record.close_reason = close_reason(sk->sk_err, &reading);
		payload_of(&reading, identity->role, true, &payload);
		measure(&record, &payload, tcp);
	}
	hand_over_end(&record, &identity->seen);
}

static __always_inline int on_state(struct sock *sk, int old_state, int new_state)
{
	if (!is_tcp(sk))
		return 0;
	switch (new_state) {
	case TCP_SYN_SENT:
		on_connect(sk);
		break;
	case TCP_ESTABLISHED:
		on_established(sk, old_state);
		break;
	case TCP_LISTEN:
		remember_listener(sk, bpf_get_current_task_btf(), BPF_ANY);
		break;
	case TCP_CLOSE:
		on_close(sk, old_state);
		break;
	}
	return 0;
}

/*
 * Twice the same: a program is not re-entrant on a CPU (recursion_misses), so a softirq that interrupts one copy finds the
 * other free. The stage in the socket's storage makes the second run of an event do nothing.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_one, struct sock *sk, int old_state, int new_state)
{
	return on_state(sk, old_state, new_state);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_two, struct sock *sk, int old_state, int new_state)
{
	return on_state(sk, old_state, new_state);
}

/*
 * Counters of every tracked connection into the live map. No lock is taken. The close that happens meanwhile has set the
 * stage before it empties its place, so one of the two empties it.
 */
SEC("iter/bpf_sk_storage_map")
int refresh_live(struct bpf_iter__bpf_sk_storage_map *context)
{
	struct natator_record record = {.event = NATATOR_LIVE};
	struct socket_identity *identity;
	struct sock *sk = context->sk;
	struct tcp_reading reading;
	struct tcp_payload payload;
	struct tcp_sock *tcp;
	__u64 cookie;
	bool coherent;

	if (!sk || !context->value)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return 0;
	identity = bpf_sk_storage_get(&sockets, sk, 0, 0);
	if (!identity || identity->stage != STAGE_ESTABLISHED)
		return 0;
	coherent = read_tcp_unlocked(tcp, sk, &reading);
	if (reading.state == TCP_CLOSE)
		return 0;
	if (coherent)
		infer(identity, &reading, sk, tcp);
	if (!describe(&record, identity, sk, tcp, bpf_ktime_get_boot_ns()))
		return 0;
	payload_of(&reading, identity->role, coherent, &payload);
	measure(&record, &payload, tcp);
	cookie = identity->cookie;
	if (bpf_map_update_elem(&live, &cookie, &record, BPF_ANY)) {
		count(NATATOR_STATISTIC_LIVE_SKIPPED);
		return 0;
	}
	identity->seen.bytes_sent = record.bytes_sent;
	identity->seen.bytes_acked = record.bytes_acked;
	identity->seen.bytes_received = record.bytes_received;
	identity->seen.segments_sent = record.segments_sent;
	identity->seen.segments_received = record.segments_received;
	identity->seen.retransmits = record.retransmits;
	__sync_lock_test_and_set(&identity->seen.live, 1);
	if (identity->stage == STAGE_CLOSED)
		bpf_map_delete_elem(&live, &cookie);
	return 0;
}

/* Takes in a socket that was open before the tracepoint was attached. The first to move the stage announces it. */
static __always_inline void adopt(struct sock *sk, struct tcp_sock *tcp, struct task_struct *task, bool locked)
{
	struct socket_identity *identity;
	struct tcp_reading reading;
	bool coherent, connecting;
	__u64 now;

	coherent = read_tcp_unlocked(tcp, sk, &reading) || locked;
	if (reading.state == TCP_CLOSE || reading.state == TCP_LISTEN || reading.state == TCP_SYN_RECV)
		return;
	identity = bpf_sk_storage_get(&sockets, sk, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!identity)
		return;
	if (identity->stage != STAGE_NEW) {
		if (identity->stage == STAGE_ESTABLISHED && task && !identity->pid)
			name_process(task, &identity->pid, identity->command);
		if (identity->stage == STAGE_ESTABLISHED && coherent)
			infer(identity, &reading, sk, tcp);
		return;
	}
	now = bpf_ktime_get_boot_ns();
	connecting = reading.state == TCP_SYN_SENT;
	begin(identity, sk, now);
	if (connecting)
		identity->role = NATATOR_CLIENT;
	else if (coherent)
		infer(identity, &reading, sk, tcp);
	if (task)
		name_process(task, &identity->pid, identity->command);
	else if (identity->role == NATATOR_SERVER)
		name_server(identity, sk, tcp);
	if (__sync_val_compare_and_swap(&identity->stage, STAGE_NEW,
					connecting ? STAGE_CONNECTING : STAGE_ESTABLISHED) == STAGE_NEW &&
	    !connecting)
		announce(identity, sk, tcp, now);
}

/* Every process's sockets in all network namespaces; not the ones that no process holds. */
SEC("iter/task_file")
int adopt_owned(struct bpf_iter__task_file *context)
{
	struct file *file = context->file;
	struct task_struct *task = context->task;
	struct socket *socket;
	struct tcp_sock *tcp;
	struct sock *sk;

	if (!file || !task)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || !is_tcp(sk))
		return 0;
	/* A listener that was seen to begin is not renamed to whom it was passed on. */
	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		remember_listener(sk, task, BPF_NOEXIST);
		return 0;
	}
	tcp = bpf_skc_to_tcp_sock(sk);
	if (tcp)
		adopt(sk, tcp, task, false);
	return 0;
}

/* All of one network namespace, un-accepted and orphaned ones too, without their process. Each socket is locked. */
SEC("iter/tcp")
int adopt_all(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tcp;
	struct sock *sk;

	if (!common)
		return 0;
	tcp = bpf_skc_to_tcp_sock(common);
	if (!tcp)
		return 0;
	sk = &tcp->inet_conn.icsk_inet.sk;
	if (is_tcp(sk))
		adopt(sk, tcp, NULL, true);
	return 0;
}
