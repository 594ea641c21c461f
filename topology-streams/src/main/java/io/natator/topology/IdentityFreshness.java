package io.natator.topology;

import io.natator.topology.TopologyConfig.IdentitySource;
import io.natator.topology.statistics.IdentityCompleteness;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Decides whether the identities that the enricher publishes are up to date. They count as old if they have not been
 * complete for as long as a connection waits for its names, because later connections then have ends named
 * {@code unknown}. Thread-safe.
 *
 * @param maxAge {@code --settle-after}
 */
record IdentityFreshness(IdentitySource source, Duration maxAge, TopologyStatistics statistics, InstantSource clock) {

    /** Why new connections can get the name {@code unknown}, in one line; empty if the identities are up to date. */
    Optional<String> problem() {
        if (source == IdentitySource.NONE || statistics.ledgerTasks.get() == 0) {
            return Optional.empty();
        }
        return statistics.completeness.oldest().flatMap(this::problem);
    }

    private Optional<String> problem(IdentityCompleteness.Cluster oldest) {
        String cluster = oldest.name().isEmpty() ? "the cluster" : "the cluster '" + oldest.name() + "'";
        long completeAsOf = oldest.completeAsOfMillis();
        if (completeAsOf == 0) {
            return Optional.of(
                    "the identities of " + cluster + " are not published yet, so ends of connections are named"
                            + " 'unknown': is the enricher ready? If no enricher is wanted, use --identities none");
        }
        long ageMillis = clock.millis() - completeAsOf;
        return ageMillis <= maxAge.toMillis()
                ? Optional.empty()
                : Optional.of("the identities of " + cluster + " are complete only as of "
                        + Instant.ofEpochMilli(completeAsOf).truncatedTo(ChronoUnit.SECONDS) + " (" + ageMillis / 1000
                        + " s ago), so ends of later connections are named 'unknown': is the enricher ready?");
    }
}
