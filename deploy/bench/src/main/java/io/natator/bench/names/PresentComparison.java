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

/** Compares the topic with the present state of the API. */
final class PresentComparison {
    private final ApiSnapshot snapshot;
    private final Recorder recorder;
    private final IdentityTable topic;
    private final List<ProgressGaps.Gap> failures;
    private final Findings findings = new Findings();

    private PresentComparison(
            ApiSnapshot snapshot, Recorder recorder, IdentityTable topic, List<ProgressGaps.Gap> failures) {
        this.snapshot = snapshot;
        this.recorder = recorder;
        this.topic = topic;
        this.failures = failures;
    }

    /**
     * Compares.
     *
     * @param failures periods in which the controllers of a pod could not be read; of a pod that ended in one, only its
     *     name is certain
     */
    static Findings of(ApiSnapshot snapshot, Recorder recorder, IdentityTable topic, List<ProgressGaps.Gap> failures) {
        var comparison = new PresentComparison(snapshot, recorder, topic, failures);
        comparison.addresses();
        comparison.nodePorts();
        comparison.pods();
        comparison.nodes();
        comparison.services();
        return comparison.findings;
    }

    private void addresses() {
        Map<String, RecordedObject> expected = snapshot.owners();
        Set<String> all = new TreeSet<>(expected.keySet());
        topic.keys("ip/").forEach(key -> all.add(key.substring("ip/".length())));
        for (String address : all) {
            RecordedObject owner = expected.get(address);
            Optional<Identity> published = topic.owner("ip/" + address);
            if (owner == null && published.isEmpty()) {
                findings.count("addresses without an owner now");
                continue;
            }
            findings.check(
                    "addresses",
                    owner == null
                            ? published.isEmpty()
                            : published
                                    .filter(identity -> matches(identity, owner))
                                    .isPresent(),
                    () -> address + " belongs to " + (owner == null ? "nothing" : owner) + "; the topic has "
                            + published);
        }
    }

    /** The owner of endpoints that are no pods is their Service, whose UID an EndpointSlice does not contain. */
    private static boolean matches(Identity identity, RecordedObject owner) {
        boolean bySlice = owner.kind == RecordedKind.ENDPOINT_SLICE;
        return identity.getKind().equals(bySlice ? "Service" : owner.kind.kind)
                && identity.getNamespace().equals(owner.namespace)
                && identity.getName().equals(bySlice ? owner.fields.slice().service() : owner.name)
                && identity.getUid().equals(bySlice ? "" : owner.uid);
    }

    private void nodePorts() {
        Map<String, RecordedObject> expected = new HashMap<>();
        snapshot.of(RecordedKind.SERVICE)
                .forEach(service ->
                        service.fields.nodePorts().forEach(port -> expected.put("nodeport/" + port, service)));
        Set<String> all = new TreeSet<>(expected.keySet());
        all.addAll(topic.keys("nodeport/"));
        for (String port : all) {
            RecordedObject owner = expected.get(port);
            Optional<Identity> published = topic.owner(port);
            if (owner != null || published.isPresent()) {
                findings.check(
                        "node ports",
                        owner != null
                                && published
                                        .filter(identity -> matches(identity, owner))
                                        .isPresent(),
                        () -> port + " belongs to " + owner + "; the topic has " + published);
            }
        }
    }

    private void pods() {
        for (RecordedObject pod : snapshot.of(RecordedKind.POD)) {
            check("pods", "pod/" + pod.uid, pod);
            if (!pod.fields.pod().configHash().isEmpty()) {
                check("static pods by hash", "pod/" + pod.fields.pod().configHash(), pod);
            }
        }
        Set<String> hashes = new java.util.HashSet<>();
        recorder.all().forEach(seen -> hashes.add(seen.fields.pod().configHash()));
        for (String key : topic.keys("pod/")) {
            String uid = key.substring("pod/".length());
            if (snapshot.has(uid) || hashes.contains(uid)) {
                continue;
            }
            Optional<RecordedObject> gone = recorder.find(uid);
            findings.check("deleted pods", gone.isPresent(), () -> key + " never existed");
            gone.ifPresent(pod -> check("deleted pods", key, pod));
        }
    }

    private void check(String what, String key, RecordedObject pod) {
        Optional<Identity> published = topic.identity(key);
        findings.check(
                what,
                published.isPresent() && differences(pod, published.get()).isEmpty(),
                () -> pod + ": "
                        + published
                                .map(identity -> differences(pod, identity))
                                .map(List::toString)
                                .orElse("not named"));
    }

    private List<String> differences(RecordedObject pod, Identity published) {
        ApiSnapshot.Owners owners = snapshot.owners(pod);
        List<String> differences = new java.util.ArrayList<>();
        differ(differences, "namespace", pod.namespace, published.getNamespace());
        differ(differences, "name", pod.name, published.getName());
        differ(differences, "uid", pod.uid, published.getUid());
        Instant gone = pod.goneBy;
        if (gone != null && failures.stream().anyMatch(failure -> failure.contains(gone))) {
            return differences;
        }
        differ(differences, "node", pod.fields.pod().node(), published.getNode());
        differ(differences, "hostNetwork", pod.fields.pod().hostNetwork(), published.getHostNetwork());
        if (snapshot.has(pod.uid) || owners.certain()) {
            differ(differences, "owner", owners.direct(), published.getOwner());
            differ(differences, "workload", owners.top(), published.getWorkload());
        }
        if (snapshot.has(pod.uid)) {
            snapshot.node(pod.fields.pod().node()).ifPresent(node -> {
                differ(differences, "zone", node.fields.location().zone(), published.getZone());
                differ(differences, "region", node.fields.location().region(), published.getRegion());
            });
        }
        return differences;
    }

    private static void differ(
            List<String> differences, String field, @Nullable Object actual, @Nullable Object published) {
        if (!Objects.equals(actual, published)) {
            differences.add(field + " is " + actual + "; the topic has " + published);
        }
    }

    private void nodes() {
        for (RecordedObject node : snapshot.of(RecordedKind.NODE)) {
            Optional<Identity> published = topic.identity("node/" + node.name);
            findings.check(
                    "nodes",
                    published
                            .filter(identity -> matches(identity, node)
                                    && identity.getZone()
                                            .equals(node.fields.location().zone()))
                            .isPresent(),
                    () -> node + ": the topic has " + published);
        }
    }

    /** The backends of Services, as far as the endpoints determine them. */
    private void services() {
        for (RecordedObject service : snapshot.of(RecordedKind.SERVICE)) {
            Optional<List<RecordedObject>> pods = snapshot.backends(service);
            if (pods.isEmpty()) {
                continue;
            }
            ObjectRef workload = common(pods.get(), pod -> snapshot.owners(pod).top());
            for (String address : service.addresses()) {
                Optional<Identity> published = topic.owner("ip/" + address);
                findings.check(
                        "Services' backends",
                        published.isPresent()
                                && Objects.equals(workload, published.get().getBackend()),
                        () -> service + " has the backend " + workload + "; the topic has " + published);
            }
        }
    }

    private static @Nullable ObjectRef common(List<RecordedObject> pods, Function<RecordedObject, ObjectRef> workload) {
        ObjectRef first = workload.apply(pods.getFirst());
        return pods.stream().allMatch(pod -> workload.apply(pod).equals(first)) ? first : null;
    }
}
