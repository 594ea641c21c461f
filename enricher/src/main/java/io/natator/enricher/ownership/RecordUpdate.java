package io.natator.enricher.ownership;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record to write to the {@code identities} topic.
 *
 * @param key see {@link io.natator.schemas.IdentityKeys}
 * @param value {@link io.natator.schemas.AddressOwners}, {@link io.natator.schemas.Identity} or {@link
 *     io.natator.schemas.PodRanges}; null is a tombstone, which deletes the key
 */
public record RecordUpdate(String key, @Nullable SpecificRecord value) {}
