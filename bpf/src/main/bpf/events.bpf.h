/*
 * What the first copy of the program tells the second: which events it has handled. A connection's stage would tell as
 * well, but not every connection has a place to keep one, and the close of such a connection, once folded into a sum, must
 * not be folded again.
 */
#ifndef NATATOR_EVENTS_BPF_H
#define NATATOR_EVENTS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* One that a socket has had: the same socket can have it again, but not without another in between. No cookie, no event. */
struct event {
	__u64 cookie;
	__u64 state;
};

/*
 * Two, since between the two copies there is at most one level of interruption: tracepoints run with preemption off, and
 * softirqs do not interrupt each other. What softirqs put here between the copies they take away again themselves. An event
 * stays where a softirq came while the second copy was running, which then saw nothing of it: it is the older of the two
 * when its place is needed.
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

static __always_inline struct handled *handled_here(void)
{
	__u32 slot = 0;

	return bpf_map_lookup_elem(&handled, &slot);
}

static __always_inline void remember_event(struct handled *events, __u64 cookie, __u64 state)
{
	if (events->last.cookie)
		events->before = events->last;
	events->last.state = state;
	events->last.cookie = cookie;
}

static __always_inline bool is_event(struct event *event, __u64 cookie, __u64 state)
{
	if (event->cookie != cookie || event->state != state)
		return false;
	event->cookie = 0;
	return true;
}

/* Asked once of an event. */
static __always_inline bool was_handled(struct handled *events, struct sock *sk, __u64 state)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie && (is_event(&events->last, cookie, state) || is_event(&events->before, cookie, state));
}

#endif
