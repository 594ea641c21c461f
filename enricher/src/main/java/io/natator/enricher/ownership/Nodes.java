package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nodes: their records, their addresses and their zones. Not thread-safe. */
final class Nodes {
    private static final class State {
        ClusterObject.Node node;
        final HeldAddresses held;
        /**
         * Every key under which the node's identity was published. Keys of former host names remain until it is
         * deleted.
         */
        final Set<String> keys = new HashSet<>();

        State(ClusterObject.Node node, HeldAddresses held) {
            this.node = node;
            this.held = held;
        }
    }

    private final AddressHistories addresses;
    private final IdentityRecords identities;
    private final PodRangesRecord podRanges;
    private final Map<String, State> byUid = new HashMap<>();
    private final Map<String, State> byName = new HashMap<>();

    Nodes(AddressHistories addresses, IdentityRecords identities, PodRangesRecord podRanges) {
        this.podRanges = podRanges;
        this.addresses = addresses;
        this.identities = identities;
    }

    /** Records a node. Returns true if the node is new, or if its zone or region has changed. */
    boolean onNode(ClusterObject.Node node, Instant now) {
        State state = byUid.get(node.uid());
        boolean isNew = state == null;
        boolean relocated = state == null || !state.node.location().equals(node.location());
        if (state == null) {
            state = new State(node, new HeldAddresses(addresses, node.uid()));
            byUid.put(node.uid(), state);
        }
        state.node = node;
        podRanges.onNode(node.uid(), node.podRanges());
        byName.put(node.name(), state);
        Identity identity = identityOf(node);
        Acquisition acquisition = isNew ? Acquisition.sinceCreation(node.created(), now) : Acquisition.observed(now);
        state.held.replace(HeldAddresses.ranked(node.addresses(), ClaimRank.NODE), identity, acquisition, now);
        publish(state, IdentityKeys.ofNode(node.name()), identity);
        for (String hostName : node.hostNames()) {
            if (!byName.containsKey(hostName)) {
                publish(state, IdentityKeys.ofNode(hostName), identity);
            }
        }
        return relocated;
    }

    private void publish(State state, String key, Identity identity) {
        state.keys.add(key);
        identities.put(key, identity);
    }

    private static Identity identityOf(ClusterObject.Node node) {
        return new Identity(
                "Node",
                "",
                node.name(),
                node.uid(),
                null,
                new ObjectRef("Node", "", node.name()),
                node.name(),
                node.location().zone(),
                node.location().region(),
                false,
                null,
                Map.of(),
                Map.of(),
                Map.of());
    }

    /** @param released its addresses are nobody's from then on */
    void onDeleted(String uid, Instant released, Instant now) {
        State state = byUid.remove(uid);
        if (state == null) {
            return;
        }
        state.held.releaseAll(null, released);
        podRanges.onNode(uid, Set.of());
        // A new node of the same name may have been observed before this deletion. The records are then those of the
        // new node and stay.
        boolean replaced = !byName.remove(state.node.name(), state);
        if (!replaced) {
            state.keys.forEach(key -> identities.onDeleted(key, now));
        }
    }

    /** The node with this name; null if unknown. */
    ClusterObject.@Nullable Node find(String name) {
        State state = byName.get(name);
        return state == null ? null : state.node;
    }
}
