package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.node;
import static io.natator.enricher.KubernetesObjects.pod;
import static io.natator.enricher.KubernetesObjects.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the values of the metrics that a running enricher exposes. */
class EnricherScrapeTest extends EnricherTest {
    @Test
    void exposesResetsEventsAddressesAndHistories() throws Exception {
        // Given
        create(node("node-1", "eu-a", "192.168.0.1"));
        create(service("api", "10.96.0.1"));
        create(pod("first", null, "10.0.0.1"));
        create(pod("other", null, "10.0.0.2", "fd00::2"));
        api.addMalformedItem("pods", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}");
        EnricherApp app = startAndAwaitReady();

        // Then
        assertScraped(
                app,
                Map.of(
                        "natator_enricher_events_total{event=\"added\",kind=\"Node\"}", 1,
                        "natator_enricher_events_total{event=\"added\",kind=\"Pod\"}", 2,
                        "natator_enricher_set_aside_total{kind=\"Pod\",reason=\"nameless\"}", 1,
                        "natator_enricher_watch_resets_total{kind=\"Pod\"}", 0,
                        "natator_enricher_addresses", 5,
                        "natator_enricher_history_spans", 5,
                        "natator_enricher_history_deepest", 1,
                        "natator_enricher_identities", 4,
                        "natator_enricher_pods", 2,
                        "natator_enricher_leader", 1));

        // When an address gets another owner, and the watch of pods cannot be resumed
        api.client().resource(pod("first", null)).delete();
        create(pod("second", null, "10.0.0.1"));
        awaitTable(table -> assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/second"));
        api.interruptWatches("pods");
        api.expireVersions("pods");

        // Then
        assertScraped(
                app,
                Map.of(
                        "natator_enricher_events_total{event=\"deleted\",kind=\"Pod\"}", 1,
                        "natator_enricher_watch_resets_total{kind=\"Pod\"}", 1,
                        "natator_enricher_watch_resets_total{kind=\"Node\"}", 0,
                        "natator_enricher_addresses", 5,
                        "natator_enricher_history_spans", 6,
                        "natator_enricher_history_deepest", 2,
                        "natator_enricher_history_forgotten", 0,
                        "natator_enricher_pods_held_back", 0,
                        "natator_enricher_records_unreadable_total", 0,
                        "natator_enricher_deposed_total", 0));
    }

    private static void assertScraped(EnricherApp app, Map<String, Integer> expected) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            String scrape = get(app, "/metrics");
            assertThat(scrape.lines())
                    .containsAll(expected.entrySet().stream()
                            .map(sample -> sample.getKey() + " " + sample.getValue() + ".0")
                            .toList());
        });
    }
}
