package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.PodRanges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Receives the objects of the cluster and returns the records of the {@code identities} topic that have changed. Not
 * thread-safe.
 *
 * <p>Usage: first {@link #restore} every record of the topic. Then report objects by {@link #onObject} and
 * {@link #onDeleted}. Call {@link #onListed} when all objects of a kind have been reported once: this ends the spans of
 * objects that the topic contains and the cluster no longer has. Call {@link #drain} whenever records may have changed.
 * Each call receives the current time, cut to microseconds. It must not decrease from call to call.
 */
public final class OwnershipModel {
    private final AddressHistories addresses;
    private final AddressHistories nodePorts;
    private final IdentityRecords identities;
    private final PodRangesRecord podRanges = new PodRangesRecord();
    private final ControllerHierarchy controllers = new ControllerHierarchy();
    private final Nodes nodes;
    private final Pods pods;
    private final Services services;

    public OwnershipModel(Limits limits) {
        addresses = new AddressHistories(IdentityKeys.ADDRESS_PREFIX, limits);
        nodePorts = new AddressHistories(IdentityKeys.NODE_PORT_PREFIX, limits);
        identities = new IdentityRecords(limits.identityRetention());
        nodes = new Nodes(addresses, identities, podRanges);
        // Backends and pods refer to each other, so one of them has to be passed as a method of this.
        var backends = new ServiceBackends(this::identityOf);
        pods = new Pods(new Pods.Tables(addresses, identities, controllers, nodes), limits, backends::onPodRenamed);
        services = new Services(addresses, nodePorts, backends);
    }

    private @Nullable Identity identityOf(String podUid) {
        return pods.identityOf(podUid);
    }

    /**
     * Restores a record that an earlier run wrote.
     *
     * @return false if the key or the value is not of a form that enrichers write; the record is then ignored
     */
    public boolean restore(String key, SpecificRecord value) {
        if (key.startsWith(IdentityKeys.ADDRESS_PREFIX) && value instanceof AddressOwners owners) {
            addresses.restore(key.substring(IdentityKeys.ADDRESS_PREFIX.length()), owners);
            return true;
        }
        if (key.startsWith(IdentityKeys.NODE_PORT_PREFIX) && value instanceof AddressOwners owners) {
            nodePorts.restore(key.substring(IdentityKeys.NODE_PORT_PREFIX.length()), owners);
            return true;
        }
        if ((key.startsWith(IdentityKeys.POD_PREFIX) || key.startsWith(IdentityKeys.NODE_PREFIX))
                && value instanceof Identity identity) {
            identities.restore(key, identity);
            return true;
        }
        if (key.equals(IdentityKeys.POD_RANGES) && value instanceof PodRanges ranges) {
            podRanges.restore(ranges);
            return true;
        }
        return false;
    }

    /** Records the state of an object that was listed, added or changed. */
    public void onObject(ClusterObject object, Instant now) {
        switch (object) {
            case ClusterObject.Pod pod -> pods.onPod(pod, now);
            case ClusterObject.Service service -> services.onService(service, now);
            case ClusterObject.EndpointSlice slice -> services.onEndpointSlice(slice, now);
            case ClusterObject.Node node -> {
                if (nodes.onNode(node, now)) {
                    pods.onNodeRelocated(node.name(), now);
                }
            }
            case ClusterObject.Controller controller -> {
                if (controllers.putWatched(controller)) {
                    pods.onControllerMoved(now);
                } else {
                    pods.onControllerResolved(controller.uid(), now);
                }
            }
        }
    }

    /** Records that the look-up of a controller found it. */
    public void onControllerFound(ClusterObject.Controller controller, Instant now) {
        controllers.putLookedUp(controller);
        pods.onControllerResolved(controller.uid(), now);
    }

    /** Records that a looked-up controller does not exist. */
    public void onControllerAbsent(String controllerUid, Instant now) {
        controllers.onUnavailable(controllerUid);
        pods.onControllerResolved(controllerUid, now);
    }

    /** Records that the look-up of a controller failed. {@link #drainRequests} returns the controller again later. */
    public void onControllerUnreadable(String controllerUid, Instant now) {
        controllers.onUnavailable(controllerUid);
        pods.onControllerUnreadable(controllerUid, now);
    }

    /** Records that the object was deleted. */
    public void onDeleted(String uid, Instant now) {
        onMissing(uid, now, now);
    }

    /**
     * The object was deleted while nobody watched. Its addresses may have had other owners since then.
     *
     * @param lastKnown the object certainly existed until then, if it existed at all; its addresses are nobody's from then
     *     on
     */
    public void onMissing(String uid, Instant lastKnown, Instant now) {
        pods.onDeleted(uid, lastKnown, now);
        services.onDeleted(uid, lastKnown);
        nodes.onDeleted(uid, lastKnown, now);
        controllers.onDeleted(uid);
    }

    /**
     * Records that every existing object of the kind has been reported. Objects that only an earlier run observed no
     * longer exist: their spans end when they were last
     * known, because an address may have had other owners since.
     *
     * @param lastKnown the earlier run knew everything that had happened up to this time
     */
    public void onListed(ReconciledKind kind, Instant lastKnown, Instant now) {
        releaseUnconfirmed(addresses, kind, lastKnown);
        releaseUnconfirmed(nodePorts, kind, lastKnown);
        @Nullable
        String prefix = switch (kind) {
            case POD -> IdentityKeys.POD_PREFIX;
            case NODE -> IdentityKeys.NODE_PREFIX;
            case SERVICE, ENDPOINT_SLICE -> null;
        };
        if (kind == ReconciledKind.POD) {
            pods.onListed(now);
        }
        if (kind == ReconciledKind.NODE) {
            podRanges.onListed();
        }
        if (prefix != null) {
            identities.unconfirmed(key -> key.startsWith(prefix)).forEach(key -> identities.onDeleted(key, now));
        }
    }

    private static void releaseUnconfirmed(AddressHistories histories, ReconciledKind kind, Instant now) {
        for (Identity owner : histories.unconfirmed()) {
            if (kindOf(owner) == kind) {
                String claimant = AddressHistories.claimantOf(owner);
                for (String address : histories.takeRestored(claimant)) {
                    histories.release(address, claimant, null, now);
                }
            }
        }
    }

    private static ReconciledKind kindOf(Identity owner) {
        return switch (owner.getKind()) {
            case "Pod" -> ReconciledKind.POD;
            case "Node" -> ReconciledKind.NODE;
            default -> owner.getUid().isEmpty() ? ReconciledKind.ENDPOINT_SLICE : ReconciledKind.SERVICE;
        };
    }

    /** Since when the first pod that waits for the look-up of its owners has waited; {@link Instant#MAX} if none waits. */
    public Instant heldBackSince() {
        return pods.heldBackSince();
    }

    /** Removes expired records, and publishes pods that have waited long enough. Call periodically. */
    public void checkDue(Instant now) {
        addresses.checkDue(now);
        nodePorts.checkDue(now);
        identities.checkDue(now);
        pods.checkDue(now);
        services.checkDue(now);
    }

    /**
     * Returns the controllers to look up that were requested since the last call. The caller reports the result of each
     * look-up by {@link #onControllerFound}, {@link #onControllerAbsent} or {@link #onControllerUnreadable}.
     */
    public List<ControllerRequest> drainRequests() {
        return pods.drainRequests();
    }

    /**
     * Returns the host names of load balancers that have to be looked up now. The caller reports the result of each
     * look-up by {@link #onHostNameResolved}.
     */
    public List<String> drainHostNames(Instant now) {
        return services.drainHostNames(now);
    }

    /**
     * Records the result of a look-up of a host name.
     *
     * @param found the addresses of the host name; empty if the look-up found none, or failed
     */
    public void onHostNameResolved(String hostName, Set<String> found, Instant now) {
        services.onHostNameResolved(hostName, found, now);
    }

    /**
     * Returns records that have changed since they were last returned. Returned records count as written.
     *
     * @param limit maximum number of records; fewer are returned only if no more records have changed
     */
    public List<RecordUpdate> drain(Instant now, int limit) {
        List<RecordUpdate> updates = new ArrayList<>();
        services.updateBackends(now);
        addresses.drain(now, updates, limit);
        nodePorts.drain(now, updates, limit);
        identities.drain(now, updates, limit);
        if (updates.size() < limit) {
            podRanges.drain().ifPresent(updates::add);
        }
        return updates;
    }

    /** The number of entries stored. */
    public Size size() {
        return new Size(
                addresses.size(),
                identities.size(),
                pods.size(),
                pods.heldBack(),
                controllers.size(),
                new NetworkSize(services.unresolvedHostNames(), podRanges.size()));
    }

    /**
     * The number of entries that a model stores.
     *
     * @param histories size of the histories of addresses, without node ports
     * @param identities number of records of pods and nodes
     * @param pods number of existing pods
     * @param heldBack number of pods whose records wait for the look-up of their controllers
     * @param controllers number of controllers, watched and looked up
     * @param network the number of host names and address ranges
     */
    public record Size(
            HistorySize histories, int identities, int pods, int heldBack, int controllers, NetworkSize network) {
        /** The size of an empty model. */
        public static final Size EMPTY = new Size(new HistorySize(0, 0, 0, 0), 0, 0, 0, 0, new NetworkSize(0, 0));
    }

    /**
     * The number of host names and address ranges.
     *
     * @param unresolvedHostNames number of host names of load balancers without a known address
     * @param podRanges number of combined ranges of pod addresses
     */
    public record NetworkSize(int unresolvedHostNames, int podRanges) {}

    /**
     * The size of all histories of addresses.
     *
     * @param addresses number of addresses with a history
     * @param spans number of spans in all histories, as last returned by {@link #drain}
     * @param deepest number of spans in the longest history
     * @param forgotten number of spans dropped in this run because of the history depth
     */
    public record HistorySize(int addresses, long spans, int deepest, long forgotten) {}
}
