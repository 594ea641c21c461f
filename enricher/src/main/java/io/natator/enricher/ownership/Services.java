package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The addresses and node ports of Services, and the addresses of endpoints that are no pods. An endpoint that is no pod
 * belongs to no other object of the cluster, so its Service is the owner of its address. Not thread-safe.
 */
final class Services {
    /** The endpoints of one Service that are no pods, from all EndpointSlices of the Service. */
    private static final class Endpoints {
        final Map<String, ClusterObject.EndpointSlice> bySlice = new HashMap<>();
        final HeldAddresses held;

        Endpoints(HeldAddresses held) {
            this.held = held;
        }

        Set<String> addresses() {
            Set<String> all = new HashSet<>();
            bySlice.values().forEach(slice -> all.addAll(slice.addresses()));
            return all;
        }

        Map<String, String> ports() {
            if (bySlice.size() == 1) {
                return bySlice.values().iterator().next().ports();
            }
            Map<String, String> all = new HashMap<>();
            bySlice.values().forEach(slice -> all.putAll(slice.ports()));
            return Map.copyOf(all);
        }
    }

    /** A Service that exists. */
    private static final class State {
        ClusterObject.Service service;
        final HeldAddresses held;
        final HeldAddresses heldPorts;
        /** The Service's backend; null while nothing is known about its endpoints. */
        ServiceBackends.Verdict.@Nullable Known backend;

        State(ClusterObject.Service service, HeldAddresses held, HeldAddresses heldPorts) {
            this.service = service;
            this.held = held;
            this.heldPorts = heldPorts;
        }

        String key() {
            return ServiceBackends.keyOf(service.namespace(), service.name());
        }
    }

    private final AddressHistories addresses;
    private final AddressHistories nodePorts;
    private final ServiceBackends backends;
    private final LoadBalancerNames hostNames = new LoadBalancerNames();
    private final Map<String, State> byUid = new HashMap<>();
    private final Map<String, State> byName = new HashMap<>();
    private final Map<String, Endpoints> endpoints = new HashMap<>();
    /** The Service that owns the addresses of a slice, by the slice's UID. Contains only slices with addresses. */
    private final Map<String, Identity> ownerOfSlice = new HashMap<>();

    Services(AddressHistories addresses, AddressHistories nodePorts, ServiceBackends backends) {
        this.addresses = addresses;
        this.nodePorts = nodePorts;
        this.backends = backends;
    }

    void onService(ClusterObject.Service service, Instant now) {
        State state = byUid.get(service.uid());
        boolean isNew = state == null;
        if (state == null) {
            state = new State(
                    service, new HeldAddresses(addresses, service.uid()), new HeldAddresses(nodePorts, service.uid()));
            state.backend = restoredBackend(state);
            byUid.put(service.uid(), state);
        }
        state.service = service;
        byName.put(state.key(), state);
        hostNames.onService(service.uid(), service.hostNames(), isNew ? restoredByName(state) : Set.of(), now);
        if (isNew && state.backend == null && backends.of(state.key()) instanceof ServiceBackends.Verdict.Known known) {
            state.backend = known;
        }
        claim(state, acquisition(isNew, service.created(), now), now);
    }

    /** The backend that an earlier run published for the Service; null if there is none. */
    private ServiceBackends.Verdict.@Nullable Known restoredBackend(State state) {
        String uid = state.service.uid();
        return Stream.concat(
                        state.held.addresses().stream().map(address -> addresses.identityOf(address, uid)),
                        state.heldPorts.addresses().stream().map(port -> nodePorts.identityOf(port, uid)))
                .filter(Objects::nonNull)
                .findFirst()
                .map(identity -> new ServiceBackends.Verdict.Known(
                        identity.getBackend(), identity.getZone(), identity.getRegion()))
                .orElse(null);
    }

    /** The addresses that an earlier run published for the Service, and that it found by a host name. */
    private static Set<String> restoredByName(State state) {
        Set<String> byName = new HashSet<>(state.held.addresses());
        byName.removeAll(state.service.externalAddresses());
        byName.removeAll(state.service.clusterAddresses());
        return byName;
    }

    /** Returns the host names of load balancers that have to be looked up now. */
    List<String> drainHostNames(Instant now) {
        return hostNames.drainDue(now);
    }

    /** @param found addresses of the host name; empty if the look-up found none, or failed */
    void onHostNameResolved(String hostName, Set<String> found, Instant now) {
        LoadBalancerNames.Change change = hostNames.onResolved(hostName, found, now);
        for (String uid : change.services()) {
            claimAgain(uid, new Acquisition(change.newSince(), null, now, true), now);
        }
    }

    void checkDue(Instant now) {
        hostNames.checkDue(now).forEach(uid -> claimAgain(uid, Acquisition.observed(now), now));
    }

    private void claimAgain(String uid, Acquisition acquisition, Instant now) {
        State state = byUid.get(uid);
        if (state != null) {
            claim(state, acquisition, now);
        }
    }

    int unresolvedHostNames() {
        return hostNames.unresolved();
    }

    private void claim(State state, Acquisition acquisition, Instant now) {
        ClusterObject.Service service = state.service;
        Map<String, ClaimRank> wanted = HeldAddresses.ranked(hostNames.addressesOf(service.uid()), ClaimRank.EXTERNAL);
        wanted.putAll(HeldAddresses.ranked(service.externalAddresses(), ClaimRank.EXTERNAL));
        wanted.putAll(HeldAddresses.ranked(service.clusterAddresses(), ClaimRank.CLUSTER_IP));
        Identity identity = identityOf(service.metadata(), state.backend, service.ports(), service.targetPorts());
        state.held.replace(wanted, identity, acquisition, now);
        Map<String, ClaimRank> ports = HeldAddresses.ranked(service.nodePorts(), ClaimRank.CLUSTER_IP);
        state.heldPorts.replace(ports, identity, acquisition, now);
    }

    /** Publishes the present backend of every Service whose endpoints have changed. */
    void updateBackends(Instant now) {
        for (String key : backends.drainChanged()) {
            State state = byName.get(key);
            if (state != null
                    && backends.of(key) instanceof ServiceBackends.Verdict.Known known
                    && !known.equals(state.backend)) {
                boolean startsNewSpan = ServiceBackends.startsNewSpan(state.backend);
                state.backend = known;
                if (startsNewSpan) {
                    state.held.releaseAll(now, now);
                    state.heldPorts.releaseAll(now, now);
                }
                claim(state, Acquisition.observed(now), now);
            }
        }
    }

    void onEndpointSlice(ClusterObject.EndpointSlice slice, Instant now) {
        backends.onEndpointSlice(slice);
        var unnamed = new ClusterObject.Metadata("", slice.namespace(), slice.service(), null);
        Identity owner = identityOf(unnamed, null, Map.of(), Map.of());
        Identity before = ownerOfSlice.get(slice.uid());
        if (before != null && !before.equals(owner)) {
            onSliceDeleted(slice.uid(), now);
        }
        boolean isNew = before == null;
        String claimant = AddressHistories.claimantOf(owner);
        Endpoints all = endpoints.get(claimant);
        if (slice.addresses().isEmpty() && (all == null || !all.bySlice.containsKey(slice.uid()))) {
            return;
        }
        if (all == null) {
            all = new Endpoints(new HeldAddresses(addresses, claimant));
            endpoints.put(claimant, all);
        }
        all.bySlice.put(slice.uid(), slice);
        ownerOfSlice.put(slice.uid(), owner);
        claim(all, owner, acquisition(isNew, slice.created(), now), now);
    }

    private static void claim(Endpoints all, Identity owner, Acquisition acquisition, Instant now) {
        var unnamed = new ClusterObject.Metadata("", owner.getNamespace(), owner.getName(), null);
        Identity identity = identityOf(unnamed, null, all.ports(), Map.of());
        all.held.replace(HeldAddresses.ranked(all.addresses(), ClaimRank.ENDPOINT), identity, acquisition, now);
    }

    private static Acquisition acquisition(boolean isNew, @Nullable Instant created, Instant now) {
        return isNew && created != null ? Acquisition.sinceCreation(created, now) : Acquisition.observed(now);
    }

    private static Identity identityOf(
            ClusterObject.Metadata service,
            ServiceBackends.Verdict.@Nullable Known backend,
            Map<String, String> ports,
            Map<String, String> targetPorts) {
        return new Identity(
                "Service",
                service.namespace(),
                service.name(),
                service.uid(),
                null,
                new ObjectRef("Service", service.namespace(), service.name()),
                "",
                backend == null ? "" : backend.zone(),
                backend == null ? "" : backend.region(),
                false,
                backend == null ? null : backend.workload(),
                Map.of(),
                ports,
                targetPorts);
    }

    /**
     * Removes a Service or an EndpointSlice that was deleted. Ignores UIDs of other objects.
     *
     * @param released its addresses have had no known owner since
     */
    void onDeleted(String uid, Instant released) {
        State state = byUid.remove(uid);
        if (state != null) {
            state.held.releaseAll(null, released);
            state.heldPorts.releaseAll(null, released);
            byName.remove(state.key(), state);
            hostNames.onService(uid, Set.of(), Set.of(), released);
        }
        backends.onDeleted(uid);
        onSliceDeleted(uid, released);
    }

    private void onSliceDeleted(String uid, Instant now) {
        Identity owner = ownerOfSlice.remove(uid);
        if (owner == null) {
            return;
        }
        String claimant = AddressHistories.claimantOf(owner);
        Endpoints all = endpoints.get(claimant);
        if (all != null) {
            all.bySlice.remove(uid);
            claim(all, owner, Acquisition.observed(now), now);
            if (all.bySlice.isEmpty()) {
                endpoints.remove(claimant);
            }
        }
    }
}
