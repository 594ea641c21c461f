package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds who owned an address, or a node port, while a connection was open. Pure. */
final class OwnerHistory {
    /**
     * Maximum difference between times of nodes and of the API server. Their clocks are synchronised, but the API
     * server truncates its times to whole seconds.
     */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(2);

    private OwnerHistory() {}

    /**
     * The owner at the time the connection was opened, or the one that followed within the difference between clocks. A
     * later owner is somebody else, even if the connection is still open then. Null if no owner is known.
     */
    static @Nullable Identity ownerDuring(@Nullable AddressOwners owners, OpenPeriod period) {
        if (owners == null || startsBeforeHistory(owners, period)) {
            return null;
        }
        Instant latestStart = period.from().plus(CLOCK_DIFFERENCE);
        return owners.getOwners().stream()
                .filter(owned -> overlaps(owned, period) && !owned.getFrom().isAfter(latestStart))
                .map(Ownership::getIdentity)
                .findFirst()
                .orElse(null);
    }

    /** Owners before the start of the retained history are unknown. */
    private static boolean startsBeforeHistory(AddressOwners owners, OpenPeriod period) {
        return owners.getKnownSince() != null && period.from().isBefore(owners.getKnownSince());
    }

    private static boolean overlaps(Ownership owned, OpenPeriod period) {
        return !owned.getFrom().isAfter(period.until())
                && (owned.getUntil() == null || owned.getUntil().isAfter(period.from()));
    }
}
