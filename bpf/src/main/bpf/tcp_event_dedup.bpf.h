/*
 * Keeps the second copy of the state program from handling a state change that the first copy has handled.
 *
 * The state program runs when a TCP socket changes its state, and is attached twice (tcp.bpf.c gives the reason). Each
 * CPU stores the last two events (state changes) that the first copy handled on it; the second copy skips these events.
 * The state in a connection's slot (its entry in the table of open connections) does not suffice for this: some
 * connections have no slot, and their closes must not be added twice to the sums per address pair.
 */
#ifndef NATATOR_TCP_EVENT_DEDUP_BPF_H
#define NATATOR_TCP_EVENT_DEDUP_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/*
 * An event: the socket with this cookie changed to this state. Cookie 0 means that no event is stored. A socket can
 * change to the same state again later, but only after a change to another state.
 */
struct event {
	__u64 cookie;
	__u64 state;
};

/*
 * The last events that the first copy of the state program handled on a CPU. Two events suffice, because at most one
 * softirq can run between the two copies: tracepoints run with preemption off, and softirqs do not interrupt each
 * other. A softirq that runs between the copies executes both copies, and its second copy removes its event. If a
 * softirq interrupts the second copy, the kernel skips the second copy for the softirq's event, which then stays here
 * until later events replace it.
 */
struct handled {
	struct event last;
	struct event before;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct handled);
} handled SEC(".maps");

static __always_inline struct handled *handled_on_this_cpu(void)
{
	__u32 index = 0;

	return bpf_map_lookup_elem(&handled, &index);
}

static __always_inline void add_handled(struct handled *events, __u64 cookie, __u64 state)
{
	if (events->last.cookie)
		events->before = events->last;
	events->last.state = state;
	events->last.cookie = cookie;
}

static __always_inline bool remove_if_same(struct event *event, __u64 cookie, __u64 state)
{
	if (event->cookie != cookie || event->state != state)
		return false;
	event->cookie = 0;
	return true;
}

/*
 * Returns whether the first copy of the state program has handled the event, and removes the event: a second call
 * returns false.
 */
static __always_inline bool remove_handled(struct handled *events, struct sock *sk, __u64 state)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie &&
	       (remove_if_same(&events->last, cookie, state) || remove_if_same(&events->before, cookie, state));
}

#endif
