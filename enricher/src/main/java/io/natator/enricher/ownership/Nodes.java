package io.natator.enricher.ownership;

import io.natator.enricher.ownership.AddressBook.Acquisition;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nodes: their records, their addresses, and where they stand. Not thread-safe. */
final class Nodes {
    private static final class State {
        ClusterObject.Node node;
        final Set<String> held;
        /** Every key its identity was published under; a host name that is given up stays until the node goes. */
        final Set<String> keys = new HashSet<>();

        State(ClusterObject.Node node, Set<String> held) {
            this.node = node;
            this.held = held;
        }
    }

    private final AddressBook addresses;
    private final IdentityBook identities;
    private final Map<String, State> byUid = new HashMap<>();
    private final Map<String, State> byName = new HashMap<>();

    Nodes(AddressBook addresses, IdentityBook identities) {
        this.addresses = addresses;
        this.identities = identities;
    }

    /** Takes in a node; true if it is now known to stand elsewhere than before. */
    boolean observe(ClusterObject.Node node, Instant now) {
        State state = byUid.get(node.uid());
        boolean isNew = state == null;
        boolean moved = state == null
                || !state.node.zone().equals(node.zone())
                || !state.node.region().equals(node.region());
        if (state == null) {
            state = new State(node, new HashSet<>(addresses.takeRestored(node.uid())));
            byUid.put(node.uid(), state);
        }
        state.node = node;
        byName.put(node.name(), state);
        Identity identity = identityOf(node);
        var acquisition = isNew
                ? new Acquisition(createdOr(node.created(), now), null, now, false)
                : new Acquisition(now, null, now, true);
        Claims.replace(
                addresses, node.uid(), state.held, Claims.all(node.addresses(), Rank.NODE), identity, acquisition, now);
        publish(state, IdentityKeys.ofNode(node.name()), identity);
        for (String hostName : node.hostNames()) {
            if (!byName.containsKey(hostName)) {
                publish(state, IdentityKeys.ofNode(hostName), identity);
            }
        }
        return moved;
    }

    private void publish(State state, String key, Identity identity) {
        state.keys.add(key);
        identities.put(key, identity);
    }

    private static Instant createdOr(@Nullable Instant created, Instant now) {
        return created == null ? now : created;
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
                node.zone(),
                node.region(),
                false,
                null);
    }

    void gone(String uid, Instant now) {
        State state = byUid.remove(uid);
        if (state == null) {
            return;
        }
        state.held.forEach(address -> addresses.release(address, uid, null, now));
        // A node that came back under its name before the old one was seen to go keeps its records.
        boolean replaced = !byName.remove(state.node.name(), state);
        if (!replaced) {
            state.keys.forEach(key -> identities.gone(key, now));
        }
    }

    /** The node of this name, where known. */
    ClusterObject.@Nullable Node find(String name) {
        State state = byName.get(name);
        return state == null ? null : state.node;
    }
}
