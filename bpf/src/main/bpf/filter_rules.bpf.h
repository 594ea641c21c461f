/*
 * The operator's filter rules, for TCP and for UDP: maps and constants, which FilterTables.java fills, and functions
 * that apply the rules to an address, a port, a cgroup or a network namespace. tcp_filter.bpf.h and udp_filter.bpf.h
 * call these functions.
 */
#ifndef NATATOR_FILTER_RULES_BPF_H
#define NATATOR_FILTER_RULES_BPF_H

#include "socket_addresses.bpf.h"
#include <bpf/bpf_helpers.h>

/* Set by the loader: whether connections over 127.0.0.0/8 and ::1 are excluded. */
const volatile __u32 loopback_excluded = 0;

/* Set by the loader, one for each kind of rule: an enum natator_selection (all values, all but some, or only some). */
const volatile __u32 networks_selection = 0;
const volatile __u32 ports_selection = 0;
const volatile __u32 cgroups_selection = 0;
const volatile __u32 namespaces_selection = 0;

/*
 * The verdict (enum natator_verdict: include or exclude) for each address prefix in the rules. Of the prefixes that
 * match an address, the longest one decides.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct natator_network);
	__type(value, __u32);
} networks SEC(".maps");

/*
 * The verdict (enum natator_verdict: include or exclude) for each server port, cgroup and network namespace in the
 * rules.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct natator_selector);
	__type(value, __u32);
} selectors SEC(".maps");

/*
 * Maximum number of cgroups that are checked for a socket: its own cgroup and those above it. A container's cgroup is
 * about 5 levels deep.
 */
#define CGROUP_LEVELS 16

static __always_inline bool is_loopback(const struct natator_address *address)
{
	if (is_mapped_ipv4(address))
		return (bpf_ntohl(address->words[3]) >> 24) == 127;
	return !address->words[0] && !address->words[1] && !address->words[2] && address->words[3] == bpf_htonl(1);
}

/*
 * Returns the verdict for an address (enum natator_verdict: include or exclude), or 0 if no rule matches the address.
 */
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

/*
 * Applies the address rules to a connection: it is excluded if one of its ends is excluded. Otherwise one included end
 * suffices to include it.
 */
static __always_inline bool networks_exclude(const struct natator_address *local, const struct natator_address *remote)
{
	__u32 verdict = network_verdict(local);
	__u32 other = network_verdict(remote);

	if (verdict == NATATOR_EXCLUDE || other == NATATOR_EXCLUDE)
		return true;
	return excludes(networks_selection, verdict ? verdict : other);
}

/*
 * Goes from the socket's cgroup upwards and returns the verdict of the first cgroup that a rule names; 0 if no rule
 * names any of them.
 */
static __always_inline __u32 cgroup_verdict(struct sock *sk, bool probed)
{
	struct cgroup *cgroup;
	__u32 verdict = 0;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	cgroup = FIELD(probed, sk, sk_cgrp_data.cgroup);
	for (int level = 0; level < CGROUP_LEVELS && cgroup && !verdict; level++) {
		struct cgroup_subsys_state *parent = FIELD(probed, cgroup, self.parent);

		verdict = verdict_on(NATATOR_SELECT_CGROUP,
				     probed ? BPF_CORE_READ(cgroup, kn, id) : cgroup->kn->id);
		cgroup = parent ? FIELD(probed, parent, cgroup) : NULL;
	}
	return verdict;
}

static __always_inline bool port_is_excluded(__u16 server_port)
{
	return ports_selection && excludes(ports_selection, verdict_on(NATATOR_SELECT_PORT, server_port));
}

static __always_inline bool namespace_is_excluded(__u32 network_namespace)
{
	return excludes(namespaces_selection, verdict_on(NATATOR_SELECT_NETWORK_NAMESPACE, network_namespace));
}

static __always_inline bool cgroup_is_excluded(struct sock *sk, bool probed)
{
	return cgroups_selection && excludes(cgroups_selection, cgroup_verdict(sk, probed));
}

#endif
