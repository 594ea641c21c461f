/*
 * What an operator does not want to see: the rules, as they are set before the programs are loaded, and what they say of an
 * address, a port, a cgroup, a network namespace.
 */
#ifndef NATATOR_SELECTION_BPF_H
#define NATATOR_SELECTION_BPF_H

#include "addresses.bpf.h"
#include <bpf/bpf_helpers.h>

/* Set by the loader: whether what goes over 127.0.0.0/8 and ::1 are left out. */
const volatile __u32 loopback_left_out = 0;

/* Set by the loader: enum natator_selection of each kind. */
const volatile __u32 networks_selection = 0;
const volatile __u32 ports_selection = 0;
const volatile __u32 cgroups_selection = 0;
const volatile __u32 namespaces_selection = 0;

/* The longest prefix decides. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct natator_network);
	__type(value, __u32);
} networks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct natator_selector);
	__type(value, __u32);
} selectors SEC(".maps");

/* Deep enough for a container in a pod in a slice, several times over. */
#define CGROUP_LEVELS 16

static __always_inline bool is_loopback(const struct natator_address *address)
{
	if (is_mapped_ipv4(address))
		return (bpf_ntohl(address->words[3]) >> 24) == 127;
	return !address->words[0] && !address->words[1] && !address->words[2] && address->words[3] == bpf_htonl(1);
}

/* enum natator_verdict, 0 where nothing is said. */
static __always_inline __u32 network_verdict(const struct natator_address *address)
{
	struct natator_network key = {.prefix_length = 128, .address = *address};
	__u32 *verdict = bpf_map_lookup_elem(&networks, &key);

	return verdict ? *verdict : 0;
}

static __always_inline __u32 verdict_on(__u32 kind, __u64 value)
{
	struct natator_selector key = {.value = value, .kind = kind};
	__u32 *verdict = bpf_map_lookup_elem(&selectors, &key);

	return verdict ? *verdict : 0;
}

static __always_inline bool is_out(__u32 selection, __u32 verdict)
{
	return verdict == NATATOR_OUT || (selection == NATATOR_SELECT_ONLY && verdict != NATATOR_IN);
}

/* Of two ends: the nearest network of each, and out where either is. */
static __always_inline bool networks_are_out(const struct natator_address *local, const struct natator_address *remote)
{
	__u32 verdict = network_verdict(local);
	__u32 other = network_verdict(remote);

	if (verdict == NATATOR_OUT || other == NATATOR_OUT)
		return true;
	return is_out(networks_selection, verdict ? verdict : other);
}

#endif
