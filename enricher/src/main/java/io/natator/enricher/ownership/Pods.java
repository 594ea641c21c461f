package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The pods: their records, their addresses, and their workloads. Not thread-safe. */
final class Pods {
    private static final class State {
        ClusterObject.Pod pod;
        /** The pod's identity; null while its top controller is being looked up. */
        @Nullable
        Identity identity;

        final HeldAddresses held;
        /** Since when the pod's records wait for the look-up of its controllers; null if they do not wait. */
        @Nullable
        Instant heldBackSince;

        boolean patienceIsOver;
        /** True once {@code onRenamed} was called for this pod. */
        boolean announced;

        State(ClusterObject.Pod pod, HeldAddresses held) {
            this.pod = pod;
            this.held = held;
        }
    }

    /** The tables that pods share with nodes, Services and controllers. */
    record Tables(
            AddressHistories addresses, IdentityRecords identities, ControllerHierarchy controllers, Nodes nodes) {}

    private final AddressHistories addresses;
    private final IdentityRecords identities;
    private final ControllerHierarchy controllers;
    private final Nodes nodes;
    private final Consumer<String> onRenamed;
    private final Duration patience;
    private final Duration retention;
    private final Map<String, State> pods = new HashMap<>();
    /** The UID of the latest copy of a static pod in the API, by the hash of the pod's manifest. */
    private final Map<String, String> staticPods = new HashMap<>();

    private final Set<State> heldBack = new LinkedHashSet<>();
    private final ControllerLookupSchedule awaited = new ControllerLookupSchedule();
    /** True once every existing pod was reported. */
    private boolean listed;

    /** @param onRenamed receives the UID of a pod whose workload or zone has changed */
    Pods(Tables tables, Limits limits, Consumer<String> onRenamed) {
        this.addresses = tables.addresses();
        this.identities = tables.identities();
        this.controllers = tables.controllers();
        this.nodes = tables.nodes();
        this.onRenamed = onRenamed;
        this.patience = limits.ownerPatience();
        this.retention = limits.addressRetention();
    }

    void onPod(ClusterObject.Pod pod, Instant now) {
        State state = pods.get(pod.uid());
        ClusterObject.@Nullable Pod before = state == null ? null : state.pod;
        if (state == null) {
            state = new State(pod, new HeldAddresses(addresses, pod.uid()));
            state.identity = restoredOwner(state, identities.confirm(IdentityKeys.ofPod(pod.uid())));
            if (pod.configHash() != null) {
                identities.confirm(IdentityKeys.ofPod(pod.configHash()));
            }
            pods.put(pod.uid(), state);
        }
        state.pod = pod;
        if (pod.configHash() != null) {
            staticPods.put(pod.configHash(), pod.uid());
        }
        identify(state, now);
        if (pod.lifecycle().finished()) {
            releaseFinished(state, before, now);
        } else {
            claimAddresses(state, before != null, now);
        }
        if (awaited.contains(pod.uid())) {
            onControllerResolved(pod.uid(), now);
        }
    }

    /** The identity that an earlier run published for the addresses of a pod; null if there is none. */
    private @Nullable Identity restoredOwner(State state, @Nullable Identity published) {
        if (published == null) {
            return null;
        }
        Identity owner = PodIdentity.asOwner(published);
        return state.held.addresses().stream()
                .map(address -> addresses.identityOf(address, state.pod.uid()))
                .filter(owner::equals)
                .findFirst()
                .orElse(owner);
    }

    private void claimAddresses(State state, boolean wasSeenBefore, Instant now) {
        ClusterObject.Pod pod = state.pod;
        Map<String, ClaimRank> wanted = rankedAddresses(pod);
        Set<String> held = state.held.addresses();
        if (wanted.isEmpty() && held.isEmpty()) {
            return;
        }
        // If a pod loses an address, its sandbox was created again, so the start of the pod does not bound the
        // acquisition.
        boolean hasNewSandbox = !held.isEmpty() && !wanted.keySet().containsAll(held);
        Acquisition acquisition =
                hasNewSandbox ? Acquisition.observed(now) : Acquisition.ofPod(pod, wasSeenBefore, now);
        state.held.replace(wanted, state.identity, acquisition, now);
    }

    private static Map<String, ClaimRank> rankedAddresses(ClusterObject.Pod pod) {
        Map<String, ClaimRank> ranked = HeldAddresses.ranked(pod.network().secondary(), ClaimRank.SECONDARY);
        ranked.putAll(HeldAddresses.ranked(pod.network().addresses(), ClaimRank.POD));
        return ranked;
    }

    /** Releases the addresses of a finished pod, although the pod's status may still contain them. */
    private void releaseFinished(State state, ClusterObject.@Nullable Pod before, Instant now) {
        ClusterObject.Pod pod = state.pod;
        if (!pod.network().isHost() && (before == null || !before.lifecycle().finished())) {
            claimInHindsight(state, before != null, now);
        }
        state.held.releaseAll(pod.lifecycle().ended(), pod.lifecycle().releasedBy(now));
    }

    /** Claims the addresses of a pod that was observed with its addresses only after it had finished. */
    private void claimInHindsight(State state, boolean wasSeenBefore, Instant now) {
        ClusterObject.Pod pod = state.pod;
        Instant ended = pod.lifecycle().ended();
        boolean endIsKnown = ended != null && ended.isAfter(now.minus(retention));
        if (!endIsKnown && !wasSeenBefore) {
            return; // The end of the span is unknown: no name is better than a wrong name.
        }
        Acquisition acquisition = Acquisition.ofPod(pod, wasSeenBefore, now);
        rankedAddresses(pod).forEach((address, rank) -> {
            if (state.held.addresses().contains(address) || !addresses.hasClaim(address, pod.uid())) {
                state.held.add(address, rank, state.identity, acquisition);
            }
        });
    }

    /** @param released its addresses are nobody's from then on */
    void onDeleted(String uid, Instant released, Instant now) {
        State state = pods.remove(uid);
        if (state == null) {
            return;
        }
        stopWaiting(state); // No result of a look-up can follow for a deleted pod: publish the known controllers.
        awaited.removePod(uid);
        state.held.releaseAll(null, released);
        identities.onDeleted(IdentityKeys.ofPod(uid), now);
        String configHash = state.pod.configHash();
        // A new copy of the same manifest may have been observed before this deletion. The record of the hash is then
        // that
        // of the new copy and stays.
        if (configHash != null && staticPods.remove(configHash, uid)) {
            identities.onDeleted(IdentityKeys.ofPod(configHash), now);
        }
    }

    /** Resolves the pod's workload and zone. Publishes the identity unless a controller has to be looked up first. */
    private void identify(State state, Instant now) {
        ClusterObject.Pod pod = state.pod;
        addOwnersThatArePods(pod);
        ControllerHierarchy.Climb climb = controllers.climb(pod.controller(), pod.namespace());
        OwnerReference missing = climb.missing();
        // Pods are watched, not looked up. A pod is created after its owner, so an owner that the watch has not
        // reported
        // no longer exists.
        boolean isAbsent = climb.lookupFailed() || (missing != null && missing.isPod() && listed);
        boolean noLookup = isAbsent || (missing != null && missing.isPod());
        if (missing == null) {
            awaited.removePod(pod.uid());
        } else {
            awaited.await(pod, missing, noLookup);
        }
        Identity before = state.identity;
        ObjectRef top = climb.top();
        if (missing != null) {
            if (before != null && Objects.equals(before.getOwner(), climb.direct())) {
                // The pod's controllers are being deleted one after the other. The pod retains its workload, unless the
                // climb now finds a controller above that workload.
                top = climb.passes(before.getWorkload()) ? top : before.getWorkload();
            } else if (!isAbsent && !state.patienceIsOver) {
                holdBack(state, now);
                return;
            }
        }
        state.heldBackSince = null;
        heldBack.remove(state);
        publish(state, PodIdentity.of(pod, climb.direct(), top, locationOf(pod, before)));
    }

    private void holdBack(State state, Instant now) {
        if (state.heldBackSince == null) {
            state.heldBackSince = now;
            heldBack.add(state);
        }
    }

    private void publish(State state, Identity identity) {
        Identity before = state.identity;
        Identity current = before != null && before.equals(identity) ? before : identity;
        state.identity = current;
        if (before == null || !state.announced || !hasSameWorkloadAndZone(before, current)) {
            state.announced = true;
            onRenamed.accept(state.pod.uid());
        }
        Identity described = PodIdentity.described(current, state.pod.description());
        identities.put(IdentityKeys.ofPod(state.pod.uid()), described);
        if (state.pod.configHash() != null) {
            identities.put(IdentityKeys.ofPod(state.pod.configHash()), described);
        }
    }

    /** Adds pods that control other pods to the hierarchy. For example, a Spark driver controls its executors. */
    private void addOwnersThatArePods(ClusterObject.Pod pod) {
        OwnerReference owner = pod.controller();
        for (int step = 0; step < ControllerHierarchy.MAX_STEPS && owner != null && owner.isPod(); step++) {
            State above = pods.get(owner.uid());
            if (above == null) {
                return;
            }
            var ref = new ObjectRef("Pod", above.pod.namespace(), above.pod.name());
            controllers.putLookedUp(new ClusterObject.Controller(
                    owner.uid(), ref, PodIdentity.ownWorkload(above.pod), above.pod.controller()));
            owner = above.pod.controller();
        }
    }

    private static boolean hasSameWorkloadAndZone(Identity one, Identity other) {
        return one.getWorkload().equals(other.getWorkload())
                && one.getZone().equals(other.getZone())
                && one.getRegion().equals(other.getRegion());
    }

    private ClusterObject.Location locationOf(ClusterObject.Pod pod, @Nullable Identity before) {
        ClusterObject.Node node = nodes.find(pod.node());
        if (node != null) {
            return node.location();
        }
        return before != null && before.getNode().equals(pod.node())
                ? new ClusterObject.Location(before.getZone(), before.getRegion())
                : ClusterObject.Location.UNKNOWN;
    }

    /** Every existing pod was reported. So pods stop to wait for owners that are pods. */
    void onListed(Instant now) {
        listed = true;
        List.copyOf(heldBack).forEach(state -> identifyAgain(state, now));
    }

    /** Identifies the waiting pods again, because the controller was found or does not exist. */
    void onControllerResolved(String controllerUid, Instant now) {
        identifyAgain(awaited.onResolved(controllerUid), now);
    }

    /** Identifies the waiting pods again, because the look-up of the controller failed. */
    void onControllerUnreadable(String controllerUid, Instant now) {
        identifyAgain(awaited.onUnreadable(controllerUid, now), now);
    }

    private void identifyAgain(List<String> podUids, Instant now) {
        for (String uid : podUids) {
            State state = pods.get(uid);
            if (state != null) {
                identifyAgain(state, now);
            }
        }
    }

    /** Identifies all pods again, because a controller has got another controller above it. */
    void onControllerMoved(Instant now) {
        pods.values().forEach(state -> identifyAgain(state, now));
    }

    /** Identifies the node's pods again, because the node's zone or region has changed. */
    void onNodeRelocated(String node, Instant now) {
        for (State state : pods.values()) {
            if (state.pod.node().equals(node)) {
                identifyAgain(state, now);
            }
        }
    }

    private void identifyAgain(State state, Instant now) {
        Identity before = state.identity;
        identify(state, now);
        if (!Objects.equals(state.identity, before)) {
            addresses.rename(state.pod.uid(), rankedAddresses(state.pod).keySet(), state.identity);
        }
    }

    private void stopWaiting(State state) {
        if (state.heldBackSince != null) {
            state.patienceIsOver = true;
            identifyAgain(state, state.heldBackSince);
        }
    }

    /** Publishes pods that have waited for their controllers too long, and requests failed look-ups again. */
    void checkDue(Instant now) {
        Instant since = now.minus(patience);
        List<State> overdue = heldBack.stream()
                .filter(state -> state.heldBackSince != null && state.heldBackSince.isBefore(since))
                .toList();
        overdue.forEach(this::stopWaiting);
        awaited.checkDue(now);
    }

    List<ControllerRequest> drainRequests() {
        return awaited.drainRequests();
    }

    /** The identity of a pod; null if the pod is unknown or waits for the look-up of its controllers. */
    @Nullable
    Identity identityOf(String uid) {
        State state = pods.get(uid);
        return state == null ? null : state.identity;
    }

    int size() {
        return pods.size();
    }

    /** Since when the records of the first waiting pod wait; {@link Instant#MAX} if none wait. */
    Instant heldBackSince() {
        for (State first : heldBack) {
            return first.heldBackSince == null ? Instant.MAX : first.heldBackSince;
        }
        return Instant.MAX;
    }

    int heldBack() {
        return heldBack.size();
    }
}
