package io.natator.enricher.ownership;

import io.natator.enricher.ownership.AddressBook.Acquisition;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The addresses and node ports of Services, and the addresses of their endpoints that are no pods: what answers there
 * belongs to nothing else in the cluster, so it goes by the Service's name. Not thread-safe.
 */
final class Services {
    /** The slices of one Service; their addresses count once. */
    private static final class Endpoints {
        final Map<String, Set<String>> bySlice = new HashMap<>();
        final Set<String> held;

        Endpoints(Set<String> held) {
            this.held = held;
        }

        Set<String> wanted() {
            Set<String> all = new HashSet<>();
            bySlice.values().forEach(all::addAll);
            return all;
        }
    }

    /** A Service that exists. */
    private static final class State {
        ClusterObject.Service service;
        final Set<String> held;
        final Set<String> heldPorts;
        /** Null as long as nothing is known of its endpoints. */
        Backends.Verdict.@Nullable Known backend;

        State(ClusterObject.Service service, Set<String> held, Set<String> heldPorts) {
            this.service = service;
            this.held = held;
            this.heldPorts = heldPorts;
        }
    }

    private final AddressBook addresses;
    private final AddressBook nodePorts;
    private final Backends backends;
    private final Map<String, State> services = new HashMap<>();
    private final Map<String, State> byName = new HashMap<>();
    private final Map<String, Endpoints> endpoints = new HashMap<>();
    /** The claimant of each slice that has addresses. */
    private final Map<String, Identity> claimantOfSlice = new HashMap<>();

    Services(AddressBook addresses, AddressBook nodePorts, Backends backends) {
        this.addresses = addresses;
        this.nodePorts = nodePorts;
        this.backends = backends;
    }

    void observe(ClusterObject.Service service, Instant now) {
        State state = services.get(service.uid());
        boolean isNew = state == null;
        if (state == null) {
            state = new State(
                    service,
                    new HashSet<>(addresses.takeRestored(service.uid())),
                    new HashSet<>(nodePorts.takeRestored(service.uid())));
            state.backend = restoredBackend(state);
            services.put(service.uid(), state);
        }
        state.service = service;
        byName.put(Backends.service(service.namespace(), service.name()), state);
        if (isNew && state.backend == null && backends.of(nameOf(state)) instanceof Backends.Verdict.Known known) {
            state.backend = known;
        }
        claim(state, acquisition(isNew, service.created(), now), now);
    }

    private static String nameOf(State state) {
        return Backends.service(state.service.namespace(), state.service.name());
    }

    /** What an earlier run knew of its backend; null where none has known the Service. */
    private Backends.Verdict.@Nullable Known restoredBackend(State state) {
        return Stream.concat(
                        state.held.stream().map(address -> addresses.identityOf(address, state.service.uid())),
                        state.heldPorts.stream().map(port -> nodePorts.identityOf(port, state.service.uid())))
                .filter(Objects::nonNull)
                .findFirst()
                .map(identity ->
                        new Backends.Verdict.Known(identity.getBackend(), identity.getZone(), identity.getRegion()))
                .orElse(null);
    }

    private void claim(State state, Acquisition acquisition, Instant now) {
        ClusterObject.Service service = state.service;
        Map<String, Rank> wanted = Claims.all(service.externalAddresses(), Rank.EXTERNAL);
        wanted.putAll(Claims.all(service.clusterAddresses(), Rank.CLUSTER_IP));
        Identity identity = identityOf(service.namespace(), service.name(), service.uid(), state.backend);
        Claims.replace(addresses, service.uid(), state.held, wanted, identity, acquisition, now);
        Claims.replace(
                nodePorts,
                service.uid(),
                state.heldPorts,
                Claims.all(service.nodePorts(), Rank.CLUSTER_IP),
                identity,
                acquisition,
                now);
    }

    /** Lets the Services whose endpoints have changed go by what answers behind them now. */
    void settleBackends(Instant now) {
        for (String name : backends.takeChanged()) {
            State state = byName.get(name);
            if (state != null
                    && backends.of(name) instanceof Backends.Verdict.Known known
                    && !known.equals(state.backend)) {
                boolean another = state.backend != null;
                state.backend = known;
                if (another) {
                    // From now on: who dialled it before got what was behind it then.
                    String uid = state.service.uid();
                    state.held.forEach(address -> addresses.release(address, uid, now, now));
                    state.heldPorts.forEach(port -> nodePorts.release(port, uid, now, now));
                    state.held.clear();
                    state.heldPorts.clear();
                }
                claim(state, new Acquisition(now, null, now, true), now);
            }
        }
    }

    void observe(ClusterObject.EndpointSlice slice, Instant now) {
        backends.observe(slice);
        Identity identity = identityOf(slice.namespace(), slice.service(), "", null);
        Identity before = claimantOfSlice.get(slice.uid());
        if (before != null && !before.equals(identity)) {
            sliceGone(slice.uid(), now);
        }
        boolean isNew = before == null;
        String claimant = AddressBook.claimantOf(identity);
        Endpoints all = endpoints.get(claimant);
        if (slice.addresses().isEmpty() && (all == null || !all.bySlice.containsKey(slice.uid()))) {
            return;
        }
        if (all == null) {
            all = new Endpoints(new HashSet<>(addresses.takeRestored(claimant)));
            endpoints.put(claimant, all);
        }
        all.bySlice.put(slice.uid(), slice.addresses());
        claimantOfSlice.put(slice.uid(), identity);
        claim(all, identity, acquisition(isNew, slice.created(), now), now);
    }

    private void claim(Endpoints all, Identity identity, Acquisition acquisition, Instant now) {
        String claimant = AddressBook.claimantOf(identity);
        Claims.replace(
                addresses, claimant, all.held, Claims.all(all.wanted(), Rank.ENDPOINT), identity, acquisition, now);
    }

    private static Acquisition acquisition(boolean isNew, @Nullable Instant created, Instant now) {
        return isNew && created != null
                ? new Acquisition(created, null, now, false)
                : new Acquisition(now, null, now, true);
    }

    private static Identity identityOf(
            String namespace, String name, String uid, Backends.Verdict.@Nullable Known backend) {
        return new Identity(
                "Service",
                namespace,
                name,
                uid,
                null,
                new ObjectRef("Service", namespace, name),
                "",
                backend == null ? "" : backend.zone(),
                backend == null ? "" : backend.region(),
                false,
                backend == null ? null : backend.workload());
    }

    void gone(String uid, Instant now) {
        State state = services.remove(uid);
        if (state != null) {
            state.held.forEach(address -> addresses.release(address, uid, null, now));
            state.heldPorts.forEach(port -> nodePorts.release(port, uid, null, now));
            byName.remove(nameOf(state), state);
        }
        backends.gone(uid);
        sliceGone(uid, now);
    }

    private void sliceGone(String uid, Instant now) {
        Identity identity = claimantOfSlice.remove(uid);
        if (identity == null) {
            return;
        }
        String claimant = AddressBook.claimantOf(identity);
        Endpoints all = endpoints.get(claimant);
        if (all != null) {
            all.bySlice.remove(uid);
            claim(all, identity, new Acquisition(now, null, now, true), now);
            if (all.bySlice.isEmpty()) {
                endpoints.remove(claimant);
            }
        }
    }
}
