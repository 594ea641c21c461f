package io.natator.topology.identity;

import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.topology.identity.NameLookup.Result;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReverseDnsTest {
    private static final String SLOW = "203.0.113.9";

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger questions = new AtomicInteger();
    private final Map<String, String> zone = new ConcurrentHashMap<>();
    private final CountDownLatch slowness = new CountDownLatch(1);
    private final ReverseDns names = new ReverseDns(this::resolve, nanos::get);

    private @Nullable String resolve(InetAddress address) {
        questions.incrementAndGet();
        if (address.getHostAddress().equals(SLOW)) {
            try {
                slowness.await();
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }
        return zone.get(address.getHostAddress());
    }

    @AfterEach
    void stop() {
        names.close();
    }

    private Result found(String text) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !names.find(address(text)).pending());
        return names.find(address(text));
    }

    @Test
    void addressesOfBothFamiliesGetTheirNames() {
        // Given
        zone.put("203.0.113.7", "API.Example.org");
        zone.put("2001:db8:0:0:0:0:0:1", "six.example.org");
        zone.put("203.0.113.8", "a b<script>.example.org");

        // Then
        assertThat(found("203.0.113.7")).isEqualTo(new Result("api.example.org", false));
        assertThat(found("2001:db8::1")).isEqualTo(new Result("six.example.org", false));
        assertThat(found("203.0.113.8")).isEqualTo(Result.NO_NAME);
        assertThat(found("203.0.113.6")).isEqualTo(Result.NO_NAME);
    }

    @Test
    void slowAnswerIsNotAwaitedButUsedWhenItArrives() {
        // Given
        zone.put(SLOW, "slow.example.org");
        Result first = names.find(address(SLOW));

        // When
        nanos.addAndGet(Duration.ofSeconds(4).toNanos());
        Result late = names.find(address(SLOW));
        slowness.countDown();

        // Then
        assertThat(first).isEqualTo(Result.PENDING);
        assertThat(late).isEqualTo(Result.NO_NAME);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> "slow.example.org".equals(names.find(address(SLOW)).name()));
        assertThat(questions).hasValue(1);
    }

    @Test
    void answersAreCachedForALimitedTime() {
        // Given
        assertThat(found("203.0.113.7").name()).isNull();
        zone.put("203.0.113.7", "api.example.org");

        // When
        nanos.addAndGet(Duration.ofMinutes(9).toNanos());
        Result cached = names.find(address("203.0.113.7"));
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());

        // Then
        assertThat(cached).isEqualTo(Result.NO_NAME);
        assertThat(found("203.0.113.7").name()).isEqualTo("api.example.org");
        assertThat(questions).hasValue(2);
    }
}
