/*
 * The operator's filter rules, for TCP and for UDP: the maps and constants that the loader fills, and the verdict that they give
 * on an address, a port, a cgroup or a network namespace.
 */
#ifndef NATATOR_FILTER_RULES_BPF_H
#define NATATOR_FILTER_RULES_BPF_H

#include "socket_addresses.bpf.h"
#include <bpf/bpf_helpers.h>

/* Set by the loader: whether connections over 127.0.0.0/8 and ::1 are excluded. */
const volatile __u32 loopback_excluded = 0;

/* Set by the loader: enum natator_selection of each kind. */
const volatile __u32 networks_selection = 0;
const volatile __u32 ports_selection = 0;
const volatile __u32 cgroups_selection = 0;
const volatile __u32 namespaces_selection = 0;

/* Verdicts by prefix; the longest matching prefix decides. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct natator_network);
	__type(value, __u32);
} networks SEC(".maps");

/* Verdicts by port, cgroup and network namespace. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct natator_selector);
	__type(value, __u32);
} selectors SEC(".maps");

/* How many cgroups upwards are checked. A container in a pod is about five below the root. */
#define CGROUP_LEVELS 16

static __always_inline bool is_loopback(const struct natator_address *address)
{
	if (is_mapped_ipv4(address))
		return (bpf_ntohl(address->words[3]) >> 24) == 127;
	return !address->words[0] && !address->words[1] && !address->words[2] && address->words[3] == bpf_htonl(1);
}

/* enum natator_verdict; 0 if no rule matches. */
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

static __always_inline bool excludes(__u32 selection, __u32 verdict)
{
	return verdict == NATATOR_EXCLUDE || (selection == NATATOR_SELECT_ONLY && verdict != NATATOR_INCLUDE);
}

/* An excluded end excludes the connection. Otherwise one included end is enough. */
static __always_inline bool networks_exclude(const struct natator_address *local, const struct natator_address *remote)
{
	__u32 verdict = network_verdict(local);
	__u32 other = network_verdict(remote);

	if (verdict == NATATOR_EXCLUDE || other == NATATOR_EXCLUDE)
		return true;
	return excludes(networks_selection, verdict ? verdict : other);
}

#endif
