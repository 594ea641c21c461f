/*
 * Keeps the second copy of the state program from handling an event that the first copy has handled.
 *
 * The state program is attached twice (tcp.bpf.c gives the reason). Each CPU stores the last two events that the first
 * copy handled on it; the second copy skips these events. The state of a connection's slot does not suffice for this:
 * some connections have no slot, and their closes must not be added twice to the sums of the fold.
 */
#ifndef NATATOR_TCP_EVENT_DEDUP_BPF_H
#define NATATOR_TCP_EVENT_DEDUP_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/*
 * An event: the socket with this cookie changed to this state. Cookie 0 means no event. A socket can change to the same
 * state again later, but only after a change to another state.
 */
struct event {
	__u64 cookie;
	__u64 state;
};

/*
 * Two events suffice, because at most one softirq can run between the two copies: tracepoints run with preemption off,
 * and softirqs do not interrupt each other. A softirq that runs between the copies executes both copies, and its second
 * copy removes its event. In a softirq that interrupts the second copy, the kernel skips the second copy. The event of
 * this softirq then stays until later events replace it.
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

/* Returns whether the first copy has handled the event, and removes the event: a second call returns false. */
static __always_inline bool remove_handled(struct handled *events, struct sock *sk, __u64 state)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie &&
	       (remove_if_same(&events->last, cookie, state) || remove_if_same(&events->before, cookie, state));
}

#endif
