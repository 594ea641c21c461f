package io.natator.enricher.ownership;

import io.natator.enricher.ownership.AddressBook.Acquisition;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of Services, and those of their endpoints that are no pods: what answers there belongs to nothing else
 * in the cluster, so it goes by the Service's name. Not thread-safe.
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

    private final AddressBook addresses;
    private final Map<String, Set<String>> heldByService = new HashMap<>();
    private final Map<String, Endpoints> endpoints = new HashMap<>();
    /** The claimant of each slice that has addresses. */
    private final Map<String, Identity> claimantOfSlice = new HashMap<>();

    Services(AddressBook addresses) {
        this.addresses = addresses;
    }

    void observe(ClusterObject.Service service, Instant now) {
        Set<String> held = heldByService.get(service.uid());
        boolean isNew = held == null;
        if (held == null) {
            held = new HashSet<>(addresses.takeRestored(service.uid()));
            heldByService.put(service.uid(), held);
        }
        Map<String, Rank> wanted = Claims.all(service.externalAddresses(), Rank.EXTERNAL);
        wanted.putAll(Claims.all(service.clusterAddresses(), Rank.CLUSTER_IP));
        Identity identity = identityOf(service.namespace(), service.name(), service.uid());
        var acquisition = acquisition(isNew, service.created(), now);
        Claims.replace(addresses, service.uid(), held, wanted, identity, acquisition, now);
    }

    void observe(ClusterObject.EndpointSlice slice, Instant now) {
        Identity identity = identityOf(slice.namespace(), slice.service(), "");
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

    private static Identity identityOf(String namespace, String name, String uid) {
        return new Identity(
                "Service", namespace, name, uid, null, new ObjectRef("Service", namespace, name), "", "", "", false);
    }

    void gone(String uid, Instant now) {
        Set<String> held = heldByService.remove(uid);
        if (held != null) {
            held.forEach(address -> addresses.release(address, uid, null, now));
        }
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
