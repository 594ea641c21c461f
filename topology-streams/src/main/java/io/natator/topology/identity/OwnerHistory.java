package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Decides who owned an address or a node port while a connection was open. Pure. */
final class OwnerHistory {
    /**
     * Maximum difference between the times that a node and the API server record for the same moment. Their clocks are
     * synchronised, but the API server truncates times to whole seconds.
     */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(2);

    private OwnerHistory() {}

    /** The time up to which the history must be known, so that the owners at the start of a period are certain. */
    static Instant neededUpTo(OpenPeriod period) {
        return period.from().plus(CLOCK_DIFFERENCE);
    }

    /**
     * The owner at the time when the connection was opened. If the address had no owner then, an owner that got it
     * within {@link #CLOCK_DIFFERENCE} is returned. An owner that got it later was not at this end of the connection,
     * even if the connection was still open. Null if no owner is known.
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

    /** Whether the connection was opened before the stored history of owners starts. Then its owner is unknown. */
    private static boolean startsBeforeHistory(AddressOwners owners, OpenPeriod period) {
        return owners.getKnownSince() != null && period.from().isBefore(owners.getKnownSince());
    }

    private static boolean overlaps(Ownership owned, OpenPeriod period) {
        return !owned.getFrom().isAfter(period.until())
                && (owned.getUntil() == null || owned.getUntil().isAfter(period.from()));
    }
}
