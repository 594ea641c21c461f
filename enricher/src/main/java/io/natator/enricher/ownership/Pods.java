package io.natator.enricher.ownership;

import io.natator.enricher.ownership.AddressBook.Acquisition;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The pods: their records, their addresses, and their workloads. Not thread-safe. */
final class Pods {
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    private static final class State {
        ClusterObject.Pod pod;
        /** Null while the top of its owners is being looked up. */
        @Nullable
        Identity identity;

        Set<String> held;
        /** Since when its records wait for its owners; null if they do not. */
        @Nullable
        Instant heldBackSince;

        boolean patienceIsOver;
        /** Its workload and zone have been told. */
        boolean told;

        State(ClusterObject.Pod pod, Set<String> held) {
            this.pod = pod;
            this.held = held;
        }
    }

    private final AddressBook addresses;
    private final IdentityBook identities;
    private final Workloads workloads;
    private final Nodes nodes;
    private final Consumer<String> renamed;
    private final Duration patience;
    private final Duration retention;
    private final Map<String, State> pods = new HashMap<>();
    /** The UID that speaks for a static pod, by the hash of its manifest. */
    private final Map<String, String> staticPods = new HashMap<>();

    private final Set<State> heldBack = new LinkedHashSet<>();
    private final OwnerLookups lookups = new OwnerLookups();

    /** @param renamed told the UID of a pod whose workload or zone is another one than before */
    Pods(
            AddressBook addresses,
            IdentityBook identities,
            Workloads workloads,
            Nodes nodes,
            Limits limits,
            Consumer<String> renamed) {
        this.addresses = addresses;
        this.identities = identities;
        this.workloads = workloads;
        this.nodes = nodes;
        this.renamed = renamed;
        this.patience = limits.ownerPatience();
        this.retention = limits.addressRetention();
    }

    void observe(ClusterObject.Pod pod, Instant now) {
        State state = pods.get(pod.uid());
        ClusterObject.@Nullable Pod before = state == null ? null : state.pod;
        if (state == null) {
            state = new State(pod, Set.copyOf(addresses.takeRestored(pod.uid())));
            state.identity = identities.confirm(IdentityKeys.ofPod(pod.uid()));
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
        if (pod.finished()) {
            finish(state, before, now);
        } else {
            hold(state, before, now);
        }
        if (lookups.isAwaited(pod.uid())) {
            arrived(pod.uid(), now);
        }
    }

    private void hold(State state, ClusterObject.@Nullable Pod before, Instant now) {
        ClusterObject.Pod pod = state.pod;
        Set<String> wantedAddresses = pod.hostNetwork() ? Set.of() : pod.addresses();
        if (wantedAddresses.isEmpty() && state.held.isEmpty()) {
            return;
        }
        boolean moves = !state.held.isEmpty() && !wantedAddresses.containsAll(state.held);
        var acquisition = moves
                ? new Acquisition(now, null, now, true) // its sandbox was made anew
                : acquisition(pod, before, now);
        Set<String> held = new HashSet<>(state.held);
        Claims.replace(
                addresses, pod.uid(), held, Claims.all(wantedAddresses, Rank.POD), state.identity, acquisition, now);
        state.held = Set.copyOf(held);
    }

    private static Acquisition acquisition(ClusterObject.Pod pod, ClusterObject.@Nullable Pod before, Instant now) {
        return new Acquisition(startOf(pod, now), pod.running(), now, before != null);
    }

    private static Instant startOf(ClusterObject.Pod pod, Instant now) {
        if (pod.started() != null) {
            return Timeline.earlier(pod.started(), now);
        }
        return pod.created() == null ? now : Timeline.earlier(pod.created(), now);
    }

    /** The pod's containers are over: its addresses are free, whatever its status still shows. */
    private void finish(State state, ClusterObject.@Nullable Pod before, Instant now) {
        ClusterObject.Pod pod = state.pod;
        Instant ended = pod.ended();
        Instant endedBy = ended == null ? now : Timeline.earlier(ended.plus(ONE_SECOND), now);
        if (!pod.hostNetwork() && (before == null || !before.finished())) {
            claimInHindsight(state, before, ended, now);
        }
        state.held.forEach(address -> addresses.release(address, pod.uid(), ended, endedBy));
        state.held = Set.of();
    }

    /** A pod that was never seen with an address before it finished has had it all the same. */
    private void claimInHindsight(
            State state, ClusterObject.@Nullable Pod before, @Nullable Instant ended, Instant now) {
        ClusterObject.Pod pod = state.pod;
        boolean endIsKnown = ended != null && ended.isAfter(now.minus(retention));
        if (!endIsKnown && before == null) {
            return; // when it gave the address back cannot be told: no name is better than a wrong one
        }
        var acquisition = acquisition(pod, before, now);
        Set<String> held = new HashSet<>(state.held);
        for (String address : pod.addresses()) {
            if (held.contains(address) || !addresses.knows(address, pod.uid())) {
                held.add(address);
                addresses.hold(address, pod.uid(), Rank.POD, state.identity, acquisition);
            }
        }
        state.held = Set.copyOf(held);
    }

    void gone(String uid, Instant now) {
        State state = pods.remove(uid);
        if (state == null) {
            return;
        }
        giveUpWaiting(state); // what is known is written now: nobody will look for its owners any more
        lookups.forget(uid);
        state.held.forEach(address -> addresses.release(address, uid, null, now));
        identities.gone(IdentityKeys.ofPod(uid), now);
        String configHash = state.pod.configHash();
        if (configHash != null && uid.equals(staticPods.get(configHash))) {
            // Unless another mirror of the same manifest has come before this one was seen to go.
            staticPods.remove(configHash);
            identities.gone(IdentityKeys.ofPod(configHash), now);
        }
    }

    /** Finds out who the pod is, and tells the books unless that has to wait. */
    private void identify(State state, Instant now) {
        ClusterObject.Pod pod = state.pod;
        learnPodsAbove(pod);
        Workloads.Climb climb = workloads.climb(pod.controller(), pod.namespace());
        Identity before = state.identity;
        OwnerReference missing = climb.missing();
        lookups.climbEnded(pod, missing, climb.hopeless() || (missing != null && missing.isPod()));
        ObjectRef top = climb.top();
        if (missing != null) {
            if (before != null && Objects.equals(before.getOwner(), climb.direct())) {
                // Its controllers are deleted one after the other: it is who it was, unless more is known by now.
                top = climb.passes(before.getWorkload()) ? top : before.getWorkload();
            } else if (!climb.hopeless() && !state.patienceIsOver) {
                if (state.heldBackSince == null) {
                    state.heldBackSince = now;
                    heldBack.add(state);
                }
                return;
            }
        }
        state.heldBackSince = null;
        heldBack.remove(state);
        Identity identity = identityOf(pod, climb.direct(), top, before);
        Identity current = before != null && before.equals(identity) ? before : identity;
        state.identity = current;
        if (before == null || !state.told || !isSamePlaceAndWorkload(before, current)) {
            state.told = true;
            renamed.accept(pod.uid());
        }
        identities.put(IdentityKeys.ofPod(pod.uid()), current);
        if (pod.configHash() != null) {
            identities.put(IdentityKeys.ofPod(pod.configHash()), current);
        }
    }

    /** A pod can own others, as a driver of Spark owns its executors: what is above it is above them. */
    private void learnPodsAbove(ClusterObject.Pod pod) {
        OwnerReference owner = pod.controller();
        for (int step = 0; step < Workloads.MAX_STEPS && owner != null && owner.isPod(); step++) {
            State above = pods.get(owner.uid());
            if (above == null) {
                return;
            }
            var ref = new ObjectRef("Pod", above.pod.namespace(), above.pod.name());
            workloads.found(new ClusterObject.Controller(owner.uid(), ref, above.pod.controller()));
            owner = above.pod.controller();
        }
    }

    private static boolean isSamePlaceAndWorkload(Identity one, Identity other) {
        return one.getWorkload().equals(other.getWorkload())
                && one.getZone().equals(other.getZone())
                && one.getRegion().equals(other.getRegion());
    }

    private Identity identityOf(
            ClusterObject.Pod pod, @Nullable ObjectRef direct, @Nullable ObjectRef top, @Nullable Identity before) {
        ClusterObject.Node node = nodes.find(pod.node());
        String zone = "";
        String region = "";
        if (node != null) {
            zone = node.zone();
            region = node.region();
        } else if (before != null && before.getNode().equals(pod.node())) {
            zone = before.getZone();
            region = before.getRegion();
        }
        ObjectRef workload = top == null ? new ObjectRef("Pod", pod.namespace(), pod.name()) : top;
        return new Identity(
                "Pod",
                pod.namespace(),
                pod.name(),
                pod.uid(),
                direct,
                workload,
                pod.node(),
                zone,
                region,
                pod.hostNetwork(),
                null);
    }

    /** A controller is known, or known not to exist. */
    void arrived(String controllerUid, Instant now) {
        identifyAgain(lookups.answered(controllerUid), now);
    }

    /** A controller that was wanted cannot be read for now. */
    void unreadable(String controllerUid, Instant now) {
        identifyAgain(lookups.unreadable(controllerUid, now), now);
    }

    private void identifyAgain(List<String> podUids, Instant now) {
        for (String uid : podUids) {
            State state = pods.get(uid);
            if (state != null) {
                identifyAgain(state, now);
            }
        }
    }

    /** Something between pods and their top controllers has changed. */
    void climbAgain(Instant now) {
        pods.values().forEach(state -> identifyAgain(state, now));
    }

    /** The node stands elsewhere than thought. */
    void placeAgain(String node, Instant now) {
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
            addresses.rename(state.pod.uid(), state.pod.addresses(), state.identity);
        }
    }

    private void giveUpWaiting(State state) {
        if (state.heldBackSince != null) {
            state.patienceIsOver = true;
            identifyAgain(state, state.heldBackSince);
        }
    }

    void expire(Instant now) {
        Instant since = now.minus(patience);
        List<State> overdue = heldBack.stream()
                .filter(state -> state.heldBackSince != null && state.heldBackSince.isBefore(since))
                .toList();
        overdue.forEach(this::giveUpWaiting);
        lookups.expire(now);
    }

    List<WantedController> takeWanted() {
        return lookups.take();
    }

    /** Who a pod is; null where the pod or its owners are not known. */
    @Nullable
    Identity identityOf(String uid) {
        State state = pods.get(uid);
        return state == null ? null : state.identity;
    }

    int size() {
        return pods.size();
    }

    int held() {
        return heldBack.size();
    }
}
