package io.natator.enricher.ownership;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host names of load balancers, and the addresses to which they resolve. Some clouds publish a host name instead of
 * an address, and change its addresses at any time. So the names are looked up again periodically. Not thread-safe.
 */
final class LoadBalancerNames {
    /** Maximum number of host names that are looked up; further ones are ignored. */
    static final int MAX_NAMES = 1_000;
    /** Time between an answer and the next look-up. */
    static final Duration REFRESH = Duration.ofSeconds(30);
    /** Time between a look-up without an answer and the next one. */
    static final Duration RETRY = Duration.ofSeconds(10);
    /**
     * An address that no answer contained for this long no longer belongs to the host name. An answer can contain only
     * some of the addresses, and a load balancer serves an address for some time after it has left the answers.
     */
    static final Duration MAX_AGE = Duration.ofMinutes(5);

    private static final class HostName {
        final Set<String> services = new HashSet<>(2);
        /** When each address was last in an answer. */
        final Map<String, Instant> addresses = new HashMap<>();
        /** When the last look-up with a result, or without one, ended; null if none has ended. */
        @Nullable
        Instant lookedUpAt;

        Instant due = Instant.MIN;
        boolean pending;
    }

    private final Map<String, HostName> names = new LinkedHashMap<>();
    private final Map<String, Set<String>> namesOfService = new HashMap<>();
    private final Set<String> ignored = new HashSet<>();

    /**
     * Records the host names of a Service; none if the Service was deleted.
     *
     * @param restored addresses that an earlier run published for the Service and that have no other origin
     */
    void onService(String uid, Set<String> hostNames, Set<String> restored, Instant now) {
        Set<String> before = hostNames.isEmpty() ? namesOfService.remove(uid) : namesOfService.put(uid, hostNames);
        for (String name : before == null ? Set.<String>of() : before) {
            HostName known = names.get(name);
            if (!hostNames.contains(name) && known != null) {
                known.services.remove(uid);
                if (known.services.isEmpty()) {
                    names.remove(name);
                }
            }
        }
        for (String name : hostNames) {
            HostName known = names.get(name);
            if (known == null && names.size() < MAX_NAMES) {
                known = new HostName();
                names.put(name, known);
            }
            if (known != null) {
                known.services.add(uid);
                for (String address : restored) {
                    known.addresses.putIfAbsent(address, now);
                }
            }
        }
        countIgnored();
    }

    private void countIgnored() {
        ignored.clear();
        if (names.size() == MAX_NAMES) {
            namesOfService.values().forEach(ignored::addAll);
            ignored.removeAll(names.keySet());
        }
    }

    /** The addresses of the host names of a Service. */
    Set<String> addressesOf(String serviceUid) {
        Set<String> found = new HashSet<>();
        for (String name : namesOfService.getOrDefault(serviceUid, Set.of())) {
            HostName known = names.get(name);
            if (known != null) {
                found.addAll(known.addresses.keySet());
            }
        }
        return found;
    }

    /** Returns the host names to look up now. The caller reports each result by {@link #onResolved}. */
    List<String> drainDue(Instant now) {
        List<String> due = new ArrayList<>();
        names.forEach((name, known) -> {
            if (!known.pending && !known.due.isAfter(now)) {
                known.pending = true;
                due.add(name);
            }
        });
        return due;
    }

    /**
     * The result of a look-up.
     *
     * @param services the UIDs of the Services whose addresses have changed
     * @param newSince the new addresses did not belong to the host name before this time, as far as is known
     */
    record Change(Set<String> services, Instant newSince) {
        static final Change NONE = new Change(Set.of(), Instant.MIN);
    }

    /** @param addresses empty if the look-up found none, or failed */
    Change onResolved(String name, Set<String> addresses, Instant now) {
        HostName known = names.get(name);
        if (known == null) {
            return Change.NONE;
        }
        Instant before = known.lookedUpAt == null ? now : known.lookedUpAt;
        known.lookedUpAt = now;
        known.pending = false;
        known.due = now.plus(addresses.isEmpty() ? RETRY : REFRESH);
        boolean changed = !known.addresses.keySet().containsAll(addresses);
        addresses.forEach(address -> known.addresses.put(address, now));
        return changed ? new Change(Set.copyOf(known.services), before) : Change.NONE;
    }

    /** Removes the addresses that are too old. Returns the UIDs of the Services whose addresses have changed. */
    Set<String> checkDue(Instant now) {
        Instant oldest = now.minus(MAX_AGE);
        Set<String> changed = new HashSet<>();
        for (HostName known : names.values()) {
            if (known.addresses.values().removeIf(seen -> seen.isBefore(oldest))) {
                changed.addAll(known.services);
            }
        }
        return changed;
    }

    /** The number of host names without a known address, including those that are ignored. */
    int unresolved() {
        long unknown = names.values().stream()
                .filter(known -> known.addresses.isEmpty())
                .count();
        return (int) unknown + ignored.size();
    }
}
