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
 * Makes records that say the same of an object share what says it: the owner of an address is the very identity of the
 * pod's own record, and all pods of a workload refer to one reference. Read from the topic, each would have its own.
 * To be dropped after the reading. Not thread-safe.
 */
public final class Sharing {
    private final Map<String, Identity> identities = new HashMap<>();
    private final Map<String, ObjectRef> references = new HashMap<>();

    /** The record, saying the same. */
    public SpecificRecord of(SpecificRecord record) {
        if (record instanceof Identity identity) {
            return of(identity);
        }
        if (record instanceof AddressOwners owners) {
            List<Ownership> shared = owners.getOwners().stream()
                    .map(owner -> new Ownership(of(owner.getIdentity()), owner.getFrom(), owner.getUntil()))
                    .toList();
            return new AddressOwners(shared, owners.getKnownSince());
        }
        return record;
    }

    private Identity of(Identity identity) {
        Identity known = identities.get(identity.getUid());
        if (known != null && known.equals(identity)) {
            return known;
        }
        var shared = new Identity(
                identity.getKind().intern(),
                identity.getNamespace().intern(),
                identity.getName(),
                identity.getUid().intern(),
                of(identity.getOwner()),
                of(identity.getWorkload()),
                identity.getNode().intern(),
                identity.getZone().intern(),
                identity.getRegion().intern(),
                identity.getHostNetwork(),
                of(identity.getBackend()));
        identities.put(identity.getUid(), shared);
        return shared;
    }

    private @Nullable ObjectRef of(@Nullable ObjectRef reference) {
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
