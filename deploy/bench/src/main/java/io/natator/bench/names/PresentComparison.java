package io.natator.bench.names;

import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether the topic says what the API says now. */
final class PresentComparison {
    private final Snapshot snapshot;
    private final Recorder recorder;
    private final IdentityTable topic;
    private final List<Following.Gap> gaps;
    private final Findings findings = new Findings();

    private PresentComparison(
            Snapshot snapshot, Recorder recorder, IdentityTable topic, List<Following.Gap> gaps) {
        this.snapshot = snapshot;
        this.recorder = recorder;
        this.topic = topic;
        this.gaps = gaps;
    }

    /** @param gaps while no enricher followed the cluster: of a pod that ended within one, only its name is certain */
    static Findings of(Snapshot snapshot, Recorder recorder, IdentityTable topic, List<Following.Gap> gaps) {
        var comparison = new PresentComparison(snapshot, recorder, topic, gaps);
        comparison.addresses();
        comparison.nodePorts();
        comparison.pods();
        comparison.nodes();
        comparison.services();
        return comparison.findings;
    }

    private void addresses() {
        Map<String, Seen> expected = snapshot.owners();
        Set<String> all = new TreeSet<>(expected.keySet());
        topic.keys("ip/").forEach(key -> all.add(key.substring("ip/".length())));
        for (String address : all) {
            Seen owner = expected.get(address);
            Optional<Identity> said = topic.owner("ip/" + address);
            if (owner == null && said.isEmpty()) {
                findings.count("addresses that nobody has now");
                continue;
            }
            findings.check(
                    "addresses",
                    owner == null
                            ? said.isEmpty()
                            : said.filter(identity -> isIt(identity, owner)).isPresent(),
                    () -> address + " is " + (owner == null ? "nobody's" : owner + "'s") + " and said to be " + said);
        }
    }

    /** Endpoints that are no pods go by their Service, whose UID an EndpointSlice does not tell. */
    private static boolean isIt(Identity identity, Seen owner) {
        boolean bySlice = owner.kind == WatchedKind.ENDPOINT_SLICE;
        return identity.getKind().equals(bySlice ? "Service" : owner.kind.kind)
                && identity.getNamespace().equals(owner.namespace)
                && identity.getName().equals(bySlice ? owner.essence.service() : owner.name)
                && identity.getUid().equals(bySlice ? "" : owner.uid);
    }

    private void nodePorts() {
        Map<String, Seen> expected = new HashMap<>();
        snapshot.of(WatchedKind.SERVICE)
                .forEach(service ->
                        service.essence.nodePorts().forEach(port -> expected.put("nodeport/" + port, service)));
        Set<String> all = new TreeSet<>(expected.keySet());
        all.addAll(topic.keys("nodeport/"));
        for (String port : all) {
            Seen owner = expected.get(port);
            Optional<Identity> said = topic.owner(port);
            if (owner != null || said.isPresent()) {
                findings.check(
                        "node ports",
                        owner != null
                                && said.filter(identity -> isIt(identity, owner))
                                        .isPresent(),
                        () -> port + " is " + owner + " and said to be " + said);
            }
        }
    }

    private void pods() {
        for (Seen pod : snapshot.of(WatchedKind.POD)) {
            check("pods", "pod/" + pod.uid, pod);
            if (!pod.essence.configHash().isEmpty()) {
                check("static pods by hash", "pod/" + pod.essence.configHash(), pod);
            }
        }
        Set<String> hashes = new java.util.HashSet<>();
        recorder.all().forEach(seen -> hashes.add(seen.essence.configHash()));
        for (String key : topic.keys("pod/")) {
            String uid = key.substring("pod/".length());
            if (snapshot.has(uid) || hashes.contains(uid)) {
                continue;
            }
            Optional<Seen> gone = recorder.find(uid);
            findings.check("pods that are gone", gone.isPresent(), () -> key + " has never been seen");
            gone.ifPresent(pod -> check("pods that are gone", key, pod));
        }
    }

    private void check(String what, String key, Seen pod) {
        Optional<Identity> said = topic.identity(key);
        findings.check(
                what,
                said.isPresent() && differences(pod, said.get()).isEmpty(),
                () -> pod + ": "
                        + said.map(identity -> differences(pod, identity))
                                .map(List::toString)
                                .orElse("not named"));
    }

    private List<String> differences(Seen pod, Identity said) {
        Snapshot.Owners owners = snapshot.owners(pod);
        List<String> differences = new java.util.ArrayList<>();
        differ(differences, "namespace", pod.namespace, said.getNamespace());
        differ(differences, "name", pod.name, said.getName());
        differ(differences, "uid", pod.uid, said.getUid());
        Instant gone = pod.goneBy;
        if (gone != null && gaps.stream().anyMatch(gap -> gap.contains(gone))) {
            return differences;
        }
        differ(differences, "node", pod.essence.node(), said.getNode());
        differ(differences, "hostNetwork", pod.essence.hostNetwork(), said.getHostNetwork());
        if (snapshot.has(pod.uid) || owners.certain()) {
            differ(differences, "owner", owners.direct(), said.getOwner());
            differ(differences, "workload", owners.top(), said.getWorkload());
        }
        if (snapshot.has(pod.uid)) {
            snapshot.node(pod.essence.node()).ifPresent(node -> {
                differ(differences, "zone", node.essence.zone(), said.getZone());
                differ(differences, "region", node.essence.region(), said.getRegion());
            });
        }
        return differences;
    }

    private static void differ(List<String> differences, String field, @Nullable Object is, @Nullable Object said) {
        if (!Objects.equals(is, said)) {
            differences.add(field + " is " + is + " and said to be " + said);
        }
    }

    private void nodes() {
        for (Seen node : snapshot.of(WatchedKind.NODE)) {
            Optional<Identity> said = topic.identity("node/" + node.name);
            findings.check(
                    "nodes",
                    said.filter(identity ->
                                    isIt(identity, node) && identity.getZone().equals(node.essence.zone()))
                            .isPresent(),
                    () -> node + " is said to be " + said);
        }
    }

    /** What answers behind a Service, where its endpoints say it. */
    private void services() {
        for (Seen service : snapshot.of(WatchedKind.SERVICE)) {
            Optional<List<Seen>> pods = snapshot.backends(service);
            if (pods.isEmpty()) {
                continue;
            }
            ObjectRef workload = common(pods.get(), pod -> snapshot.owners(pod).top());
            for (String address : service.addresses()) {
                Optional<Identity> said = topic.owner("ip/" + address);
                findings.check(
                        "Services' backends",
                        said.isPresent() && Objects.equals(workload, said.get().getBackend()),
                        () -> service + " leads to " + workload + " and is said to be " + said);
            }
        }
    }

    private static @Nullable ObjectRef common(List<Seen> pods, Function<Seen, ObjectRef> workload) {
        ObjectRef first = workload.apply(pods.getFirst());
        return pods.stream().allMatch(pod -> workload.apply(pod).equals(first)) ? first : null;
    }
}
