package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.Ownership;
import io.natator.schemas.Protocol;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
     * even if the connection was still open. Null if no owner is known, or if the address had several owners.
     */
    static @Nullable Identity ownerDuring(@Nullable AddressOwners owners, OpenPeriod period) {
        return ownerDuring(owners, Protocol.UNKNOWN, 0, period);
    }

    /**
     * The owner of a port of an address, at the time when the connection was opened. The port matters only if several
     * Services shared the address then: the owner is the only one that serves the port.
     *
     * @param port 0 to 65535
     */
    static @Nullable Identity ownerDuring(
            @Nullable AddressOwners owners, Protocol protocol, int port, OpenPeriod period) {
        if (owners == null || startsBeforeHistory(owners, period)) {
            return null;
        }
        Instant latestStart = period.from().plus(CLOCK_DIFFERENCE);
        List<Ownership> candidates = owners.getOwners().stream()
                .filter(owned -> overlaps(owned, period) && !owned.getFrom().isAfter(latestStart))
                .toList();
        if (candidates.size() < 2) {
            return candidates.isEmpty() ? null : candidates.getFirst().getIdentity();
        }
        List<Identity> owning = ownersAt(startOf(candidates, period), candidates);
        return owning.size() == 1 ? owning.getFirst() : onlyOneThatServes(protocol, port, owning);
    }

    /** When the connection was opened, or the first of the candidates got the address after that. */
    private static Instant startOf(List<Ownership> candidates, OpenPeriod period) {
        Instant first = candidates.stream()
                .map(Ownership::getFrom)
                .min(Instant::compareTo)
                .orElse(period.from());
        return first.isAfter(period.from()) ? first : period.from();
    }

    /** The owners of an address at a time. */
    private static List<Identity> ownersAt(Instant time, List<Ownership> candidates) {
        return candidates.stream()
                .filter(owned -> !owned.getFrom().isAfter(time)
                        && (owned.getUntil() == null || owned.getUntil().isAfter(time)))
                .map(Ownership::getIdentity)
                .toList();
    }

    private static @Nullable Identity onlyOneThatServes(Protocol protocol, int port, List<Identity> owners) {
        String dialled = IdentityKeys.nodePort(protocol.name(), port);
        List<Identity> serving = owners.stream()
                .filter(owner -> owner.getPorts().containsKey(dialled))
                .toList();
        return serving.size() == 1 ? serving.getFirst() : null;
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
