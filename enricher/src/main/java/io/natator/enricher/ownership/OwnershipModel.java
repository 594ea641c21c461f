package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Objects of the cluster in, changed records of the {@code identities} topic out. Not thread-safe.
 *
 * <p>Use: {@link #restore} everything the topic holds; feed objects; {@link #listed} when all objects of a kind have
 * been fed once, which closes what the topic says and the cluster no longer has; {@link #drain} whenever records may
 * have changed. The time of every call is the caller's, to the microsecond, and must not run backwards.
 */
public final class OwnershipModel {
    private static final String ADDRESS_PREFIX = "ip/";
    private static final String NODE_PORT_PREFIX = "nodeport/";
    private static final String POD_PREFIX = "pod/";
    private static final String NODE_PREFIX = "node/";

    private final AddressBook addresses;
    private final AddressBook nodePorts;
    private final IdentityBook identities;
    private final Workloads workloads = new Workloads();
    private final Nodes nodes;
    private final Pods pods;
    private final Services services;

    public OwnershipModel(Limits limits) {
        addresses = new AddressBook(ADDRESS_PREFIX, limits.historyDepth(), limits.addressRetention());
        nodePorts = new AddressBook(NODE_PORT_PREFIX, limits.historyDepth(), limits.addressRetention());
        identities = new IdentityBook(limits.identityRetention());
        nodes = new Nodes(addresses, identities);
        // Each asks the other: who the pods of a Service are, and whose endpoint a pod is.
        var backends = new Backends(this::identityOf);
        pods = new Pods(addresses, identities, workloads, nodes, limits, backends::podChanged);
        services = new Services(addresses, nodePorts, backends);
    }

    private @Nullable Identity identityOf(String podUid) {
        return pods.identityOf(podUid);
    }

    /**
     * Takes over a record that an earlier run wrote.
     *
     * @return false if it is none of ours
     */
    public boolean restore(String key, SpecificRecord value) {
        if (key.startsWith(ADDRESS_PREFIX) && value instanceof AddressOwners owners) {
            addresses.restore(key.substring(ADDRESS_PREFIX.length()), owners);
            return true;
        }
        if (key.startsWith(NODE_PORT_PREFIX) && value instanceof AddressOwners owners) {
            nodePorts.restore(key.substring(NODE_PORT_PREFIX.length()), owners);
            return true;
        }
        if ((key.startsWith(POD_PREFIX) || key.startsWith(NODE_PREFIX)) && value instanceof Identity identity) {
            identities.restore(key, identity);
            return true;
        }
        return false;
    }

    /** The object is there, and looks like this now. */
    public void observe(ClusterObject object, Instant now) {
        switch (object) {
            case ClusterObject.Pod pod -> pods.observe(pod, now);
            case ClusterObject.Service service -> services.observe(service, now);
            case ClusterObject.EndpointSlice slice -> services.observe(slice, now);
            case ClusterObject.Node node -> {
                if (nodes.observe(node, now)) {
                    pods.placeAgain(node.name(), now);
                }
            }
            case ClusterObject.Controller controller -> {
                if (workloads.put(controller)) {
                    pods.climbAgain(now);
                } else {
                    pods.arrived(controller.uid(), now);
                }
            }
        }
    }

    /** A controller that was asked for by {@link #wantedControllers}. */
    public void found(ClusterObject.Controller controller, Instant now) {
        workloads.found(controller);
        pods.arrived(controller.uid(), now);
    }

    /** A controller that was asked for does not exist. */
    public void absent(String controllerUid, Instant now) {
        workloads.unavailable(controllerUid);
        pods.arrived(controllerUid, now);
    }

    /** A controller that was asked for cannot be read for now. It is wanted again some minutes later. */
    public void unreadable(String controllerUid, Instant now) {
        workloads.unavailable(controllerUid);
        pods.unreadable(controllerUid, now);
    }

    /** The object is deleted. */
    public void gone(String uid, Instant now) {
        pods.gone(uid, now);
        services.gone(uid, now);
        nodes.gone(uid, now);
        workloads.remove(uid);
    }

    /**
     * Every object of the kind that exists has been observed: what an earlier run knew and the cluster no longer has,
     * ends now.
     */
    public void listed(Kind kind, Instant now) {
        close(addresses, kind, now);
        close(nodePorts, kind, now);
        @Nullable
        String prefix = switch (kind) {
            case POD -> POD_PREFIX;
            case NODE -> NODE_PREFIX;
            case SERVICE, ENDPOINT_SLICE -> null;
        };
        if (prefix != null) {
            identities.unconfirmed(key -> key.startsWith(prefix)).forEach(key -> identities.gone(key, now));
        }
    }

    private static void close(AddressBook book, Kind kind, Instant now) {
        for (Identity owner : book.unconfirmed()) {
            if (kindOf(owner) == kind) {
                String claimant = AddressBook.claimantOf(owner);
                for (String address : book.takeRestored(claimant)) {
                    book.release(address, claimant, null, now);
                }
            }
        }
    }

    private static Kind kindOf(Identity owner) {
        return switch (owner.getKind()) {
            case "Pod" -> Kind.POD;
            case "Node" -> Kind.NODE;
            default -> owner.getUid().isEmpty() ? Kind.ENDPOINT_SLICE : Kind.SERVICE;
        };
    }

    /** Does what the passing of time asks for; to be called every now and then. */
    public void expire(Instant now) {
        addresses.expire(now);
        nodePorts.expire(now);
        identities.expire(now);
        pods.expire(now);
    }

    /** Controllers to be looked up since the last call; each is to be answered by found, absent or unreadable. */
    public List<WantedController> wantedControllers() {
        return pods.takeWanted();
    }

    /**
     * Records that changed since they were last handed out. They count as written.
     *
     * @param most so many at most; fewer only if there are no others
     */
    public List<Change> drain(Instant now, int most) {
        List<Change> changes = new ArrayList<>();
        services.settleBackends(now);
        addresses.drain(now, changes, most);
        nodePorts.drain(now, changes, most);
        identities.drain(now, changes, most);
        return changes;
    }

    /** How much is held. */
    public Size size() {
        return new Size(
                addresses.size(),
                addresses.spans(),
                addresses.deepest(),
                addresses.forgotten(),
                identities.size(),
                pods.size(),
                pods.held(),
                workloads.size());
    }

    /**
     * How much a model holds.
     *
     * @param addresses addresses with a history
     * @param spans spans in those histories
     * @param deepest the most spans in one history
     * @param forgotten spans dropped because there were too many younger ones, ever
     * @param identities pods and nodes on record
     * @param pods pods that exist
     * @param heldBack pods whose records wait for the top of their owners
     * @param controllers controllers known
     */
    public record Size(
            int addresses,
            long spans,
            int deepest,
            long forgotten,
            int identities,
            int pods,
            int heldBack,
            int controllers) {}
}
