package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Simulates pods that reuse few addresses many times within a second, and compares the spans with the simulation. */
class AddressReuseTest {
    private static final int PODS = 5_000;
    private static final int ADDRESSES = 100;
    private static final Limits UNBOUNDED =
            new Limits(Integer.MAX_VALUE, Duration.ofDays(365), Duration.ofDays(365), Duration.ofSeconds(10));

    /** The simulated life of a pod. Times are in seconds, exact to the millisecond. */
    private record Life(String name, String address, double scheduled, double sandbox, double running, double ended) {}

    /**
     * A report of the API and the time at which it arrives, in seconds. {@code seen} is null if the pod was deleted.
     */
    private record Delivery(double when, String pod, ClusterObject.@Nullable Pod seen) {}

    private static List<Life> lives(RandomGenerator random) {
        double[] free = new double[ADDRESSES];
        List<Life> lives = new ArrayList<>();
        for (int i = 0; i < PODS; i++) {
            int slot = random.nextInt(ADDRESSES);
            double sandbox = millis(free[slot] + random.nextDouble(0.012, 0.9));
            double running = millis(sandbox + random.nextDouble(0.001, 0.2));
            double ended = millis(running + random.nextDouble(0.01, random.nextInt(10) == 0 ? 20 : 0.6));
            double scheduled = millis(Math.max(0, sandbox - random.nextDouble(0.001, 5)));
            lives.add(new Life("p" + i, "10.0.0." + slot, scheduled, sandbox, running, ended));
            free[slot] = ended;
        }
        return lives;
    }

    private static double millis(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }

    /** Returns the API's reports about a pod, each delayed by less than {@code lag} seconds. */
    private static List<Delivery> deliveries(Life life, RandomGenerator random, double lag) {
        List<Delivery> all = new ArrayList<>();
        var pending = pod(life.name()).created(life.scheduled());
        all.add(new Delivery(life.scheduled(), life.name(), pending.build()));
        var started = pod(life.name()).created(life.scheduled()).started(life.scheduled());
        all.add(new Delivery(life.scheduled() + 0.0005, life.name(), started.build()));
        boolean reportsContainers = random.nextInt(4) != 0;
        if (random.nextInt(3) != 0) {
            var addressed = pod(life.name())
                    .created(life.scheduled())
                    .started(life.scheduled())
                    .addresses(life.address());
            all.add(new Delivery(life.sandbox(), life.name(), addressed.build()));
        }
        var running = pod(life.name())
                .created(life.scheduled())
                .started(life.scheduled())
                .addresses(life.address());
        if (reportsContainers) {
            running = running.running(life.running());
        }
        all.add(new Delivery(life.running(), life.name(), running.build()));
        boolean killedHard = random.nextInt(5) == 0;
        if (!killedHard) {
            all.add(new Delivery(
                    life.ended(), life.name(), running.finished(life.ended()).build()));
        }
        double deleted = killedHard ? life.ended() : life.ended() + random.nextDouble(0.001, 30);
        all.add(new Delivery(deleted, life.name(), null));
        List<Delivery> delayed = new ArrayList<>();
        double last = 0;
        for (Delivery delivery : all) {
            last = Math.max(last + 1e-6, delivery.when() + random.nextDouble(lag));
            delayed.add(new Delivery(last, delivery.pod(), delivery.seen()));
        }
        return delayed;
    }

    private static List<Delivery> deliveries(List<Life> lives, RandomGenerator random, double lag) {
        return lives.stream()
                .flatMap(life -> deliveries(life, random, lag).stream())
                .sorted(Comparator.comparingDouble(Delivery::when))
                .toList();
    }

    private static ModelDriver replay(List<Delivery> deliveries, int restarts) {
        var driver = new ModelDriver(UNBOUNDED);
        Map<String, ClusterObject.Pod> cluster = new LinkedHashMap<>();
        int restartEvery = restarts == 0 ? Integer.MAX_VALUE : deliveries.size() / (restarts + 1);
        int count = 0;
        for (Delivery delivery : deliveries) {
            ClusterObject.Pod seen = delivery.seen();
            if (seen == null) {
                cluster.remove(delivery.pod());
                driver.onDeleted(delivery.when(), "uid-" + delivery.pod());
            } else {
                cluster.put(delivery.pod(), seen);
                driver.onObject(delivery.when(), seen);
            }
            if (++count % restartEvery == 0) {
                driver = driver.restarted();
                for (ClusterObject.Pod pod : cluster.values()) {
                    driver.onObject(delivery.when(), pod);
                }
                driver.onListed(delivery.when());
            }
        }
        return driver;
    }

    private static void assertNoOverlaps(ModelDriver driver) {
        driver.topic.forEach((key, value) -> {
            if (value instanceof AddressOwners owners) {
                @Nullable Instant until = Instant.MIN;
                for (Ownership owner : owners.getOwners()) {
                    assertThat(until)
                            .as("end of the span before %s of %s", owner.getFrom(), key)
                            .isNotNull();
                    assertThat(owner.getFrom()).as(key).isAfterOrEqualTo(until);
                    until = owner.getUntil();
                    if (until != null) {
                        assertThat(until).as(key).isAfter(owner.getFrom());
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void runningPodOwnsItsAddress(long seed) {
        // Given
        RandomGenerator random = new SplittableRandom(seed);
        List<Life> lives = lives(random);

        // When
        ModelDriver driver = replay(deliveries(lives, random, 0.010), 0);

        // Then
        assertNoOverlaps(driver);
        assertThat(wrongNames(lives, driver, 0)).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void runningPodOwnsItsAddressOverRestarts(long seed) {
        // Given
        RandomGenerator random = new SplittableRandom(seed);
        List<Life> lives = lives(random);

        // When
        ModelDriver driver = replay(deliveries(lives, random, 0.010), 7);

        // Then
        assertNoOverlaps(driver);
        assertThat(wrongNames(lives, driver, 0)).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void lateReportsShiftSpansByNoMoreThanTheirDelay(long seed) {
        // Given
        RandomGenerator random = new SplittableRandom(seed);
        List<Life> lives = lives(random);
        double lag = 1.5;

        // When
        ModelDriver driver = replay(deliveries(lives, random, lag), 0);

        // Then
        assertNoOverlaps(driver);
        assertThat(wrongNames(lives, driver, lag + 1)).as("seed %d", seed).isEmpty();
    }

    /**
     * Returns the moments at which the model names another owner than the running pod. Moments within {@code margin}
     * seconds of a pod's begin or end are not checked.
     */
    private static Map<String, String> wrongNames(List<Life> lives, ModelDriver driver, double margin) {
        Map<String, String> wrong = new HashMap<>();
        for (Life life : lives) {
            double from = life.running() + margin;
            double until = life.ended() - margin - 0.0001;
            for (double when = from; when <= until; when += Math.max(0.001, (until - from) / 20)) {
                String owner = driver.ownerAt(life.address(), at(when)).orElse("none");
                if (!owner.equals(life.name())) {
                    wrong.put(life + " at " + when, owner);
                }
            }
        }
        return wrong;
    }
}
