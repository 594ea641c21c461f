package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Receives the objects of the cluster and returns the records of the {@code identities} topic that have changed. Not
 * thread-safe.
 *
 * <p>Use: {@link #restore} every record of the topic. Then report objects by {@link #onObject} and {@link #onDeleted}.
 * Call {@link #onListed} when all objects of a kind have been reported once: that closes the spans of objects that the
 * topic contains and the cluster no longer has. Call {@link #drain} whenever records may have changed. The caller passes
 * the time of every call, to the microsecond; it must not run backwards.
 */
public final class OwnershipModel {
    private final AddressHistories addresses;
    private final AddressHistories nodePorts;
    private final IdentityRecords identities;
    private final ControllerHierarchy controllers = new ControllerHierarchy();
    private final Nodes nodes;
    private final Pods pods;
    private final Services services;

    public OwnershipModel(Limits limits) {
        addresses = new AddressHistories(IdentityKeys.ADDRESS_PREFIX, limits);
        nodePorts = new AddressHistories(IdentityKeys.NODE_PORT_PREFIX, limits);
        identities = new IdentityRecords(limits.identityRetention());
        nodes = new Nodes(addresses, identities);
        // Backends ask for the identities of pods, and pods report changed identities to backends.
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
     * @return false if no enricher writes such a record
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
        return false;
    }

    /** The object exists in this state. */
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

    /** The look-up of a controller found it. */
    public void onControllerFound(ClusterObject.Controller controller, Instant now) {
        controllers.putLookedUp(controller);
        pods.onControllerResolved(controller.uid(), now);
    }

    /** The look-up of a controller showed that it does not exist. */
    public void onControllerAbsent(String controllerUid, Instant now) {
        controllers.onUnavailable(controllerUid);
        pods.onControllerResolved(controllerUid, now);
    }

    /** The look-up of a controller failed. {@link #drainRequests} returns the controller again some minutes later. */
    public void onControllerUnreadable(String controllerUid, Instant now) {
        controllers.onUnavailable(controllerUid);
        pods.onControllerUnreadable(controllerUid, now);
    }

    /** The object was deleted. */
    public void onDeleted(String uid, Instant now) {
        pods.onDeleted(uid, now);
        services.onDeleted(uid, now);
        nodes.onDeleted(uid, now);
        controllers.onDeleted(uid);
    }

    /**
     * Every object of the kind that exists has been reported. The spans of objects of an earlier run that no longer exist
     * end now.
     */
    public void onListed(ReconciledKind kind, Instant now) {
        releaseUnconfirmed(addresses, kind, now);
        releaseUnconfirmed(nodePorts, kind, now);
        @Nullable
        String prefix = switch (kind) {
            case POD -> IdentityKeys.POD_PREFIX;
            case NODE -> IdentityKeys.NODE_PREFIX;
            case SERVICE, ENDPOINT_SLICE -> null;
        };
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

    /** Removes what has expired, and ends waits that are over. To be called periodically. */
    public void checkDue(Instant now) {
        addresses.checkDue(now);
        nodePorts.checkDue(now);
        identities.checkDue(now);
        pods.checkDue(now);
    }

    /**
     * The controllers to look up that were requested since the last call. Each is to be answered by
     * {@link #onControllerFound}, {@link #onControllerAbsent} or {@link #onControllerUnreadable}.
     */
    public List<ControllerRequest> drainRequests() {
        return pods.drainRequests();
    }

    /**
     * Returns records that have changed since they were last returned. They count as written from then on.
     *
     * @param limit maximum number of records; fewer only if no others have changed
     */
    public List<RecordUpdate> drain(Instant now, int limit) {
        List<RecordUpdate> updates = new ArrayList<>();
        services.updateBackends(now);
        addresses.drain(now, updates, limit);
        nodePorts.drain(now, updates, limit);
        identities.drain(now, updates, limit);
        return updates;
    }

    /** The number of entries stored. */
    public Size size() {
        return new Size(addresses.size(), identities.size(), pods.size(), pods.heldBack(), controllers.size());
    }

    /**
     * The number of entries that a model stores.
     *
     * @param histories of addresses
     * @param identities records of pods and nodes
     * @param pods pods that exist
     * @param heldBack pods whose records wait for the look-up of their owners
     * @param controllers controllers, watched and looked up
     */
    public record Size(HistorySize histories, int identities, int pods, int heldBack, int controllers) {
        /** The size of a model that is empty. */
        public static final Size EMPTY = new Size(new HistorySize(0, 0, 0, 0), 0, 0, 0, 0);
    }

    /**
     * The size of all histories of addresses.
     *
     * @param addresses addresses with a history
     * @param spans spans in all histories, as last returned by {@link #drain}
     * @param deepest spans in the longest history
     * @param forgotten spans dropped in this run because an address had too many younger ones
     */
    public record HistorySize(int addresses, long spans, int deepest, long forgotten) {}
}
