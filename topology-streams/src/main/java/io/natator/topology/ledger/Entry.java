package io.natator.topology.ledger;

import io.natator.schemas.Protocol;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * One connection in the ledger. Times are the ledger's, in microseconds.
 *
 * @param link the encoded link key; null while waiting, and where nothing of it goes to a link
 * @param alone no other half is expected
 * @param rttSamples measured while waiting, not attributed yet
 * @param heardAt when it was last heard of
 * @param dueAt when it is looked at unasked
 * @param reported what had been attributed when its activity was last told of
 */
record Entry(
        Stage stage,
        @Nullable Half client,
        @Nullable Half server,
        @Nullable Bytes link,
        boolean alone,
        AttributedCounters counted,
        List<Long> rttSamples,
        long lastReportedAt,
        long dueAt,
        AttributedCounters reported) {

    /** The half to ask where one has to do: the client's if there is one. */
    @Nullable
    Half either() {
        return client != null ? client : server;
    }

    boolean isFolded() {
        Half half = either();
        return half != null && half.phase() == Phase.FOLDED;
    }

    /** Of UDP; told as long as an endpoint is kept, which is until the link is known at least. */
    boolean isDatagrams() {
        Half half = either();
        return half != null && half.endpoint() != null && half.endpoint().protocol() == Protocol.UDP;
    }

    boolean hasFailed() {
        Half half = either();
        return half != null && half.phase() == Phase.FAILED;
    }

    /** Every half that is known has ended. */
    boolean hasEnded() {
        return (client == null || client.ended()) && (server == null || server.ended());
    }

    /** One half has ended. */
    boolean isEnding() {
        return (client != null && client.ended()) || (server != null && server.ended());
    }

    Entry with(@Nullable Half newClient, @Nullable Half newServer, List<Long> samples, long heard) {
        return new Entry(stage, newClient, newServer, link, alone, counted, samples, heard, dueAt, reported);
    }

    Entry at(Stage newStage) {
        return new Entry(newStage, client, server, link, alone, counted, rttSamples, lastReportedAt, dueAt, reported);
    }

    Entry settled(@Nullable Bytes itsLink, boolean isAlone, boolean keepEndpoints) {
        return new Entry(
                Stage.SETTLED,
                client == null || keepEndpoints ? client : client.withoutEndpoint(),
                server == null || keepEndpoints ? server : server.withoutEndpoint(),
                itsLink,
                isAlone,
                counted,
                rttSamples,
                lastReportedAt,
                dueAt,
                reported);
    }

    Entry counting(AttributedCounters newCounted) {
        return new Entry(stage, client, server, link, alone, newCounted, List.of(), lastReportedAt, dueAt, reported);
    }

    Entry reporting(AttributedCounters newReported) {
        return new Entry(stage, client, server, link, alone, counted, rttSamples, lastReportedAt, dueAt, newReported);
    }

    /** Keeps no more than a late report is measured against. */
    Entry shrunk(Stage newStage) {
        return new Entry(
                newStage,
                null,
                null,
                newStage == Stage.COMPLETE ? null : link,
                alone,
                newStage == Stage.COMPLETE ? AttributedCounters.NOTHING : counted,
                List.of(),
                lastReportedAt,
                dueAt,
                newStage == Stage.COMPLETE ? AttributedCounters.NOTHING : reported);
    }

    Entry due(long at) {
        return new Entry(stage, client, server, link, alone, counted, rttSamples, lastReportedAt, at, reported);
    }
}
