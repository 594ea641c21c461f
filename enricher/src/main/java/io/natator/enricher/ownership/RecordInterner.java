package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Replaces equal parts of records by one shared instance, to save memory. For example, the owner of an address becomes
 * the same instance as the pod's record, and all pods of a workload share one reference. Used while the topic is read
 * back, because deserialized records share nothing. Not thread-safe.
 */
public final class RecordInterner {
    private final Map<String, Identity> owners = new HashMap<>();
    private final Map<String, ObjectRef> references = new HashMap<>();
    private final Map<Map<String, String>, Map<String, String>> texts = new HashMap<>();

    /** Returns an equal record with shared parts. */
    public SpecificRecord intern(SpecificRecord record) {
        if (record instanceof Identity identity) {
            return intern(identity);
        }
        if (record instanceof AddressOwners owners) {
            List<Ownership> shared = owners.getOwners().stream()
                    .map(owner -> new Ownership(intern(owner.getIdentity()), owner.getFrom(), owner.getUntil()))
                    .toList();
            return new AddressOwners(shared, owners.getKnownSince());
        }
        return record;
    }

    private Identity intern(Identity identity) {
        boolean isDescribed =
                !identity.getLabels().isEmpty() || !identity.getPorts().isEmpty();
        Identity known = isDescribed ? null : owners.get(identity.getUid());
        if (known != null && known.equals(identity)) {
            return known;
        }
        var shared = new Identity(
                identity.getKind().intern(),
                identity.getNamespace().intern(),
                identity.getName(),
                identity.getUid().intern(),
                intern(identity.getOwner()),
                intern(identity.getWorkload()),
                identity.getNode().intern(),
                identity.getZone().intern(),
                identity.getRegion().intern(),
                identity.getHostNetwork(),
                intern(identity.getBackend()),
                texts.computeIfAbsent(identity.getLabels(), RecordInterner::compact),
                texts.computeIfAbsent(identity.getPorts(), RecordInterner::compact),
                texts.computeIfAbsent(identity.getTargetPorts(), RecordInterner::compact));
        if (!isDescribed) {
            owners.put(identity.getUid(), shared);
        }
        return shared;
    }

    private static Map<String, String> compact(Map<String, String> texts) {
        Map<String, String> interned = HashMap.newHashMap(texts.size());
        texts.forEach((name, value) -> interned.put(name.intern(), value.intern()));
        return Map.copyOf(interned);
    }

    private @Nullable ObjectRef intern(@Nullable ObjectRef reference) {
        return reference == null
                ? null
                : references.computeIfAbsent(
                        reference.getKind() + "/" + reference.getNamespace() + "/" + reference.getName(),
                        key -> new ObjectRef(
                                reference.getKind().intern(),
                                reference.getNamespace().intern(),
                                reference.getName()));
    }
}
