package io.natator.enricher.ownership;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of the {@code identities} topic that is to be written.
 *
 * @param key see {@link io.natator.schemas.IdentityKeys}
 * @param value {@link io.natator.schemas.AddressOwners} or {@link io.natator.schemas.Identity}; null retires the key
 */
public record Change(String key, @Nullable SpecificRecord value) {}
