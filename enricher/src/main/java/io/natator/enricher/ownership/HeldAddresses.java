package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The addresses that one claimant (pod, node or Service) has now. Claims and releases addresses. Not thread-safe. */
final class HeldAddresses {
    private final AddressHistories histories;
    private final String claimant;
    private Set<String> addresses;

    /** Creates an instance with the addresses that the claimant had when the topic was last written. */
    HeldAddresses(AddressHistories histories, String claimant) {
        this.histories = histories;
        this.claimant = claimant;
        this.addresses = Set.copyOf(histories.takeRestored(claimant));
    }

    /** Returns a map for {@link #replace} that gives all addresses the same rank. */
    static Map<String, ClaimRank> ranked(Set<String> addresses, ClaimRank rank) {
        Map<String, ClaimRank> ranked = HashMap.newHashMap(addresses.size());
        addresses.forEach(address -> ranked.put(address, rank));
        return ranked;
    }

    Set<String> addresses() {
        return addresses;
    }

    /**
     * Releases the addresses that are not in {@code wanted}, claims the new ones, and updates the claims to the others.
     *
     * @param acquisition when the claimant got the new addresses
     */
    void replace(Map<String, ClaimRank> wanted, @Nullable Identity identity, Acquisition acquisition, Instant now) {
        for (String address : addresses) {
            if (!wanted.containsKey(address)) {
                histories.release(address, claimant, null, now);
            }
        }
        wanted.forEach((address, rank) -> {
            Acquisition known = addresses.contains(address) ? acquisition.ofHeldAddress(now) : acquisition;
            histories.claim(address, claimant, rank, identity, known);
        });
        addresses = Set.copyOf(wanted.keySet());
    }

    /** Claims one more address, or updates the claim if the claimant has the address already. */
    void add(String address, ClaimRank rank, @Nullable Identity identity, Acquisition acquisition) {
        histories.claim(address, claimant, rank, identity, acquisition);
        Set<String> more = new HashSet<>(addresses);
        more.add(address);
        addresses = Set.copyOf(more);
    }

    /**
     * Releases all addresses.
     *
     * @param endedFrom the claimant had the addresses at least until this time; null if unknown
     * @param endedBy the claimant had released the addresses by this time
     */
    void releaseAll(@Nullable Instant endedFrom, Instant endedBy) {
        addresses.forEach(address -> histories.release(address, claimant, endedFrom, endedBy));
        addresses = Set.of();
    }
}
