/*
 * Copies DNS answers to user space. The collector reads from them which names workloads look up, and which addresses
 * the names have.
 *
 * Answers have their own ring buffer, so they never take space from the records of flows. If it is full, the answer is
 * dropped, which is counted.
 */
#ifndef NATATOR_UDP_DNS_ANSWERS_BPF_H
#define NATATOR_UDP_DNS_ANSWERS_BPF_H

#include "udp_flows.bpf.h"

#define DNS_PORT 53
#define DNS_HEADER_BYTES 12

/* Set by the loader: whether user space reads answers. */
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

/*
 * Makes the compiler put struct natator_answer into the object's type information (BTF), from which user space reads
 * its layout. Unlike other maps, a ring buffer names no value type.
 */
const struct natator_answer *described __attribute__((unused));

static __always_inline void count_answer(__u32 statistic)
{
	__u64 *value = bpf_map_lookup_elem(&answer_statistics, &statistic);

	if (value)
		__sync_fetch_and_add(value, 1);
}

/*
 * Whether a datagram is an answer to a query of its socket. The socket must have sent a datagram to the DNS server
 * before, because anybody can send datagrams from port 53.
 */
static __always_inline bool is_dns_answer(const struct datagram *datagram, const struct natator_flow *flow)
{
	return answers_wanted && !datagram->sent && datagram->key.remote_port == DNS_PORT &&
	       datagram->bytes >= DNS_HEADER_BYTES && flow->record.segments_sent;
}

/*
 * Reserves space in the ring buffer for an answer, and sets how many bytes of it the caller must copy. Returns NULL and
 * counts a dropped answer if the ring buffer is full, or if less than a DNS header is readable. readable: number of
 * bytes of the payload that the program can read.
 */
static __always_inline struct natator_answer *reserve_answer(const struct datagram *datagram, __u32 readable, __u64 now)
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

static __always_inline void submit_answer(struct natator_answer *answer)
{
	count_answer(NATATOR_ANSWERS_COPIED);
	if (answer->copied < answer->length)
		count_answer(NATATOR_ANSWERS_TRUNCATED);
	bpf_ringbuf_submit(answer, BPF_RB_NO_WAKEUP);
}

static __always_inline void drop_answer(struct natator_answer *answer)
{
	count_answer(NATATOR_ANSWERS_DROPPED);
	bpf_ringbuf_discard(answer, BPF_RB_NO_WAKEUP);
}

/*
 * Limits a number of bytes to the size of an answer's payload. The number was limited before, but the verifier does not
 * track the range of a number that was read back from the ring buffer.
 */
static __always_inline __u32 bounded(__u32 bytes)
{
	asm volatile("" : "+r"(bytes));
	return bytes < NATATOR_ANSWER_BYTES ? bytes : NATATOR_ANSWER_BYTES;
}

#endif
