package io.natator.topology.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.http.prometheus.Prometheus;
import io.natator.topology.TopologyConfig.GroupProtocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs three brokers and three instances as processes, and repeatedly kills one process (SIGKILL) while connections
 * have traffic. In the end every byte must be counted once. A scraped counter must never be smaller than in the scrape
 * before. Two scrapers check this: the test itself, four times a second, and a real Prometheus.
 *
 * <p>{@code -Dnatator.kill.seconds} sets the duration, {@code -Dnatator.kill.seed} the random order of the kills, and
 * {@code -Dnatator.kill.protocol} the group protocol.
 */
class KillTest {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int INSTANCES = 3;
    private static final List<String> COUNTERS = List.of(
            "natator_link_bytes_total",
            "natator_link_connections_total",
            "natator_link_retransmits_total",
            "caretta_links_observed");

    private final long seconds = Long.getLong("natator.kill.seconds", 45);
    private final long seed = Long.getLong("natator.kill.seed", System.nanoTime());
    private final String protocol = System.getProperty("natator.kill.protocol", "classic");
    private final Random random = new Random(seed);
    private final Random sizes = new Random(seed);
    private final List<Instance> instances = new ArrayList<>();
    private final AtomicBoolean done = new AtomicBoolean();

    @Test
    void everyByteIsCountedOnceAndNoCounterDecreases(@TempDir Path directory) throws Exception {
        System.out.printf("KillTest: -Dnatator.kill.seed=%d -Dnatator.kill.seconds=%d%n", seed, seconds);
        var scraper = new Scraper();
        try (var brokers = new Brokers(directory);
                ExecutorService executor = Executors.newCachedThreadPool()) {
            try {
                // Given
                await().atMost(PATIENCE).until(brokers::areWhole);
                for (int i = 0; i < INSTANCES; i++) {
                    instances.add(instance(directory.resolve("instance-" + i), brokers));
                }
                await().atMost(PATIENCE).until(() -> instances.stream().allMatch(KillTest::isUp));
                try (var traffic = new Traffic(brokers.bootstrapServers(), "natator.", 100);
                        Prometheus prometheus = Prometheus.start(directory, targets())) {
                    traffic.grow(1);
                    await().atMost(PATIENCE).until(() -> bytes() > 0);
                    Future<?> growing = executor.submit(() -> every(200, () -> traffic.grow(sizes.nextInt(1, 1_000))));
                    Future<?> scraping = executor.submit(() -> every(250, () -> scraper.scrape(instances)));

                    // When
                    int kills = kill(brokers);

                    // Then
                    await().atMost(PATIENCE).until(brokers::areWhole);
                    done.set(true);
                    growing.get();
                    scraping.get();
                    traffic.grow(1);
                    await().atMost(PATIENCE).untilAsserted(() -> {
                        restartFailedInstances();
                        scraper.scrape(instances);
                        assertThat(bytes()).isEqualTo(traffic.totalBytes());
                    });
                    System.out.printf(
                            "KillTest: %d kills, %d scrapes, %d bytes in %d links%n",
                            kills, scraper.scrapes(), bytes(), traffic.links());
                    assertThatTheTopicAgrees(brokers, traffic);
                    assertThat(scraper.steppedBack()).as("seed %d", seed).isEmpty();
                    assertThatNothingDecreased(prometheus, traffic.totalBytes());
                    assertThat(kills).isPositive();
                }
            } finally {
                done.set(true);
                instances.forEach(Instance::close);
            }
        }
    }

    private Instance instance(Path directory, Brokers brokers) {
        return new Instance(
                directory,
                brokers.bootstrapServers(),
                List.of(
                        "--group-protocol",
                        GroupProtocol.valueOf(protocol.toUpperCase(Locale.ROOT))
                                .name()
                                .toLowerCase(Locale.ROOT),
                        "--partitions",
                        "3",
                        // A low limit, so that some links share the series of an address prefix, or the series of all
                        // other links.
                        "--series-limit",
                        "18",
                        "--series-prefix-share",
                        "50",
                        "--replication-factor",
                        "3",
                        "--standby-replicas",
                        "1",
                        "--threads",
                        "1",
                        "--commit-interval",
                        "500ms",
                        "--publish-interval",
                        "500ms"),
                protocol.equals("classic")
                        ? Map.of("session.timeout.ms", "6000", "heartbeat.interval.ms", "1000")
                        : Map.of());
    }

    private Map<String, String> targets() {
        return instances.stream()
                .collect(Collectors.toMap(instance -> "instance-" + instances.indexOf(instance), Instance::address));
    }

    /**
     * Asserts that the topic of links soon has the same values as {@code /metrics}. If a killed instance left a
     * transaction open, consumers can read the values only after the brokers have aborted the transaction.
     */
    private static void assertThatTheTopicAgrees(Brokers brokers, Traffic traffic) {
        System.out.printf(
                "KillTest: the topic has %d bytes at once, open transactions: %s%n",
                PublishedLinks.bytes(brokers.bootstrapServers(), "natator.links"),
                OpenTransactions.of(brokers.bootstrapServers()));
        assertThat(OpenTransactions.of(brokers.bootstrapServers()).values())
                .allSatisfy(transaction ->
                        assertThat(transaction.transactionTimeoutMs()).isEqualTo(OpenTransactions.TIMEOUT.toMillis()));
        await().atMost(OpenTransactions.PATIENCE)
                .untilAsserted(() -> assertThat(PublishedLinks.bytes(brokers.bootstrapServers(), "natator.links"))
                        .isEqualTo(traffic.totalBytes()));
    }

    /**
     * Asserts that no series in Prometheus has decreased, and that Prometheus has scraped instances before and after
     * restarts.
     */
    private static void assertThatNothingDecreased(Prometheus prometheus, long totalBytes) {
        await().atMost(PATIENCE).until(() -> value(prometheus, "sum(natator_link_bytes_total)") == totalBytes);
        // resets() compares successive values from the same instance only. Between them, another instance can have had
        // the series.
        for (String counter : COUNTERS) {
            assertThat(value(prometheus, "count(resets(" + counter + "[2h]))"))
                    .as(counter)
                    .isPositive();
            assertThat(prometheus.query("resets(" + counter + "[2h]) > 0", false))
                    .as(counter)
                    .isEmpty();
        }
        assertThat(value(prometheus, "count(count by (server_name) (natator_link_bytes_total{partition!=\"\"}))"))
                .as("prefixes")
                .isPositive();
        // The instance that exports a series at the end must export at least the highest value that any instance ever
        // exported.
        assertThat(prometheus.query(
                        "max without (job, instance) (max_over_time(natator_link_bytes_total[2h]))"
                                + " > max without (job, instance) (natator_link_bytes_total)",
                        false))
                .isEmpty();
        double samples = value(prometheus, "sum(count_over_time(natator_link_bytes_total[2h]))");
        double series = value(prometheus, "count(last_over_time(natator_link_bytes_total[2h]))");
        double downs = value(prometheus, "sum(changes(up[2h]))");
        System.out.printf(
                "KillTest: Prometheus has %.0f samples of %.0f series, up changed %.0f times%n",
                samples, series, downs);
        assertThat(samples).isGreaterThan(series);
    }

    private static double value(Prometheus prometheus, String expression) {
        return prometheus.query(expression, false).path(0).path("value").path(1).asDouble(0);
    }

    private static boolean isUp(Instance instance) {
        return instance.get("/api/links").isPresent();
    }

    /**
     * Kills and restarts all processes one after the other, again and again in random order, until the time is over.
     * Returns the number of kills.
     */
    private int kill(Brokers brokers) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int kills = 0;
        List<Integer> targets = new ArrayList<>();
        while (System.nanoTime() < end) {
            if (targets.isEmpty()) {
                targets.addAll(
                        IntStream.range(0, brokers.count() + INSTANCES).boxed().toList());
                Collections.shuffle(targets, random);
            }
            int target = targets.removeFirst();
            if (target < brokers.count()) {
                await().atMost(PATIENCE).until(brokers::areWhole);
                System.out.println("KillTest: broker " + target);
                brokers.kill(target);
                TimeUnit.MILLISECONDS.sleep(random(0, 3_000));
                brokers.startAgain(target);
            } else {
                Instance instance = instances.get(target - brokers.count());
                System.out.println("KillTest: instance " + (target - brokers.count()));
                instance.kill();
                TimeUnit.MILLISECONDS.sleep(random(0, 3_000));
                instance.startAgain();
            }
            kills++;
            TimeUnit.MILLISECONDS.sleep(random(1_000, 6_000));
            restartFailedInstances();
        }
        return kills;
    }

    /** Restarts instances that have exited, as Kubernetes would. */
    private void restartFailedInstances() {
        for (Instance instance : instances) {
            if (!instance.isAlive()) {
                System.out.println("KillTest: an instance has given up and is started again");
                instance.startAgain();
            }
        }
    }

    private int random(int from, int to) {
        return random.nextInt(from, to);
    }

    private void every(long millis, Runnable what) {
        while (!done.get()) {
            what.run();
            try {
                TimeUnit.MILLISECONDS.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private long bytes() {
        return instances.stream()
                .flatMap(instance -> instance.counters().entrySet().stream())
                .filter(counter -> counter.getKey().startsWith("natator_link_bytes_total"))
                .mapToLong(counter -> counter.getValue().longValue())
                .sum();
    }
}
