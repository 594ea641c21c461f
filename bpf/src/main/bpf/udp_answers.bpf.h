/*
 * Answers of the DNS, for whoever wants to know by which name an address was asked for. Copied as far as they go, into a ring of
 * their own that nothing else waits for: they are a help, not an account, and what finds no room is counted and gone.
 */
#ifndef NATATOR_UDP_ANSWERS_BPF_H
#define NATATOR_UDP_ANSWERS_BPF_H

#include "udp_flows.bpf.h"

#define DNS_PORT 53
#define DNS_HEADER_BYTES 12

/* Set by the loader: whether answers are wanted. */
const volatile __u32 answers_wanted = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} answers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NATATOR_ANSWER_STATISTICS);
	__type(key, __u32);
	__type(value, __u64);
} answer_statistics SEC(".maps");

/* Memory of a ring has no type: named here, so that the object describes it. */
const struct natator_answer *described __attribute__((unused));

static __always_inline void count_answer(__u32 statistic)
{
	__u64 *value = bpf_map_lookup_elem(&answer_statistics, &statistic);

	if (value)
		__sync_fetch_and_add(value, 1);
}

/* Only to who has asked: anybody can send from a port 53. */
static __always_inline bool is_answer(const struct datagram *datagram, const struct natator_flow *flow)
{
	return answers_wanted && !datagram->sent && datagram->key.remote_port == DNS_PORT &&
	       datagram->bytes >= DNS_HEADER_BYTES && flow->record.segments_sent;
}

/* A place for an answer of which so many bytes can be read, and how many to copy: at least a header. */
static __always_inline struct natator_answer *answer_of(const struct datagram *datagram, __u32 readable, __u64 now)
{
	struct natator_answer *answer;

	if (readable < DNS_HEADER_BYTES) {
		count_answer(NATATOR_ANSWERS_DROPPED);
		return NULL;
	}
	answer = bpf_ringbuf_reserve(&answers, sizeof(*answer), 0);
	if (!answer) {
		count_answer(NATATOR_ANSWERS_DROPPED);
		return NULL;
	}
	answer->observed_nanos = now;
	answer->length = datagram->bytes;
	answer->copied = readable < NATATOR_ANSWER_BYTES ? readable : NATATOR_ANSWER_BYTES;
	return answer;
}

static __always_inline void hand_over_answer(struct natator_answer *answer)
{
	count_answer(NATATOR_ANSWERS_COPIED);
	if (answer->copied < answer->length)
		count_answer(NATATOR_ANSWERS_TRUNCATED);
	bpf_ringbuf_submit(answer, BPF_RB_NO_WAKEUP);
}

/* For the verifier, which forgets what it knew of a number that was in memory. */
static __always_inline __u32 bounded(__u32 bytes)
{
	asm volatile("" : "+r"(bytes));
	return bytes < NATATOR_ANSWER_BYTES ? bytes : NATATOR_ANSWER_BYTES;
}

#endif
