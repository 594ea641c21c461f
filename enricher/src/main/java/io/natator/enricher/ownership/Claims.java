package io.natator.enricher.ownership;

import io.natator.enricher.ownership.AddressBook.Acquisition;
import io.natator.schemas.Identity;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Moves an owner from the addresses it had to the ones it has. */
final class Claims {
    private Claims() {}

    static Map<String, Rank> all(Set<String> addresses, Rank rank) {
        Map<String, Rank> ranked = HashMap.newHashMap(addresses.size());
        addresses.forEach(address -> ranked.put(address, rank));
        return ranked;
    }

    /**
     * Gives back what is no longer wanted, and claims or refreshes the rest.
     *
     * @param held the addresses held; changed in place
     * @param acquisition of the addresses that are new
     */
    static void replace(
            AddressBook book,
            String uid,
            Set<String> held,
            Map<String, Rank> wanted,
            @Nullable Identity identity,
            Acquisition acquisition,
            Instant now) {
        held.removeIf(address -> {
            boolean dropped = !wanted.containsKey(address);
            if (dropped) {
                book.release(address, uid, null, now);
            }
            return dropped;
        });
        wanted.forEach((address, rank) -> {
            boolean isNew = held.add(address);
            // What was noticed late is no news about an address that is held already.
            Acquisition known =
                    isNew ? acquisition : new Acquisition(acquisition.from(), acquisition.running(), now, false);
            book.hold(address, uid, rank, identity, known);
        });
    }
}
