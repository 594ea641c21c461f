package io.natator.enricher;

import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.LeaderElection;
import org.jspecify.annotations.Nullable;

/**
 * The readiness of an enricher, as {@code /readyz} reports it.
 *
 * @param text the state in one line, with the reason if the enricher is not ready
 */
record EnricherReadiness(boolean ready, String text) {
    /**
     * The readiness of the enricher that writes. It is ready when the topic {@code identities} agrees with the cluster.
     *
     * @param unready why the topic does not agree with the cluster yet; empty if it does
     */
    static EnricherReadiness ofWriter(String unready, ClusterHealth health) {
        return unready.isEmpty() ? ready("ready", health) : new EnricherReadiness(false, unready);
    }

    /**
     * The readiness of an enricher that does not write. A standby is ready if another enricher is the leader and this
     * one can read the cluster.
     *
     * @param stopped true if this enricher has stopped, because another enricher took the topic over
     * @param election null if leader election is off
     */
    static EnricherReadiness ofStandby(boolean stopped, @Nullable LeaderElection election, ClusterHealth health) {
        if (stopped) {
            return new EnricherReadiness(false, "stopped: another enricher has taken over the topic");
        }
        if (election == null) {
            return new EnricherReadiness(false, "starting");
        }
        if (!election.failure().isEmpty()) {
            return new EnricherReadiness(false, "waiting for the leader election: " + election.failure());
        }
        if (election.leader().isEmpty() || election.isLeading()) {
            return new EnricherReadiness(false, "waiting for the leader election");
        }
        String standingBy = "standing by for " + election.leader();
        return health.unready().isEmpty()
                ? ready(standingBy, health)
                : new EnricherReadiness(false, standingBy + ", and could not take over: " + health.unready());
    }

    private static EnricherReadiness ready(String text, ClusterHealth health) {
        return new EnricherReadiness(true, health.refused().isEmpty() ? text : text + ", but " + health.refused());
    }
}
