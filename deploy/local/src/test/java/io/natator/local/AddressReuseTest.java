package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.Limits;
import io.natator.enricher.ownership.OwnershipModel;
import io.natator.enricher.ownership.PodLifecycle;
import io.natator.enricher.ownership.RecordUpdate;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.schemas.Workload;
import io.natator.topology.NatatorTopology;
import io.natator.topology.TopologyConfig;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Simulates thousands of pods that reuse few addresses within a second. The test passes the API's reports through the
 * enricher's model, the topic and the topology's resolver to the links. Only the pod's peer reports each connection, so
 * the topology can name the pod only by its address. Each pod has connections on its own port, so the test can find
 * wrong names.
 */
class AddressReuseTest {
    private static final int PODS = 2_000;
    private static final int ADDRESSES = 40;
    /** Maximum delay of the API's reports, in seconds. */
    private static final double API_LAG = 0.010;

    private static final double REPORT_LAG = 2;
    private static final int FIRST_PORT = 1_000;
    private static final Instant START = Instant.parse("2026-11-01T12:00:00Z");
    private static final Limits LIMITS =
            new Limits(16, Duration.ofHours(24), Duration.ofHours(1), Duration.ofSeconds(10));

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;
    private TestInputTopic<String, SpecificRecord> identities;
    private TestOutputTopic<LinkKey, LinkTotals> links;
    private OwnershipModel model;
    private double now;

    /** The simulated life of a pod. Times are seconds after the start, exact to the millisecond. */
    private record Life(int number, String address, double scheduled, double running, double ended) {
        String name() {
            return "p" + number;
        }
    }

    /** An action of the simulation, and its time in seconds after the start. */
    private record Event(double when, Runnable action) {}

    @BeforeEach
    void open() {
        var settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "churn");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:9092");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        driver = new TopologyTestDriver(NatatorTopology.build(TopologyConfig.fromOptions()), settings, START);
        connections = driver.createInputTopic(
                "natator.connections",
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer());
        identities = driver.createInputTopic(
                "natator.identities",
                NatatorSerdes.identityKey().serializer(),
                NatatorSerdes.identity().serializer());
        links = driver.createOutputTopic(
                "natator.links",
                NatatorSerdes.linkKey().deserializer(),
                NatatorSerdes.linkTotals().deserializer());
        model = new OwnershipModel(LIMITS);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private static List<Life> lives(RandomGenerator random) {
        double[] free = new double[ADDRESSES];
        List<Life> lives = new ArrayList<>();
        for (int i = 0; i < PODS; i++) {
            int slot = random.nextInt(ADDRESSES);
            double running = millis(free[slot] + random.nextDouble(0.02, 0.9));
            double ended = millis(running + random.nextDouble(0.02, random.nextInt(10) == 0 ? 20 : 0.8));
            double scheduled = millis(Math.max(0, running - random.nextDouble(0.002, 4)));
            lives.add(new Life(i, "10.0.0." + (slot + 1), scheduled, running, ended));
            free[slot] = ended;
        }
        return lives;
    }

    private static double millis(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }

    private static Instant at(double seconds) {
        return START.plusNanos(Math.round(seconds * 1_000_000) * 1000);
    }

    /** A pod as the API reports it, with times cut to seconds. */
    private static ClusterObject.Pod pod(Life life, boolean started, boolean running, boolean finished) {
        return new ClusterObject.Pod(
                new ClusterObject.Metadata("uid-" + life.name(), "shop", life.name(), at(Math.floor(life.scheduled()))),
                "node-1",
                new ClusterObject.Network(false, running ? Set.of(life.address()) : Set.of(), Set.of()),
                null,
                new PodLifecycle(
                        started ? at(Math.floor(life.scheduled())) : null,
                        running ? at(Math.floor(life.running())) : null,
                        finished,
                        finished ? at(Math.floor(life.ended())) : null),
                null,
                new ClusterObject.Description(life.name(), Map.of(), Map.of()));
    }

    private void addLife(List<Event> events, Life life, RandomGenerator random) {
        boolean killedHard = random.nextInt(5) == 0;
        double deleted = killedHard ? life.ended() : life.ended() + random.nextDouble(0.001, 30);
        double last = add(events, life.scheduled(), 0, random, () -> observe(pod(life, true, false, false)));
        last = add(events, life.running(), last, random, () -> observe(pod(life, true, true, false)));
        if (!killedHard) {
            last = add(events, life.ended(), last, random, () -> observe(pod(life, true, true, true)));
        }
        add(events, deleted, last, random, () -> {
            model.onDeleted("uid-" + life.name(), at(now));
            publish();
        });
    }

    /** Adds a report of the API that arrives with a random delay. Reports of one object stay in order. */
    private static double add(List<Event> events, double when, double last, RandomGenerator random, Runnable action) {
        double arrives = Math.max(last + 1e-6, when + random.nextDouble(API_LAG));
        events.add(new Event(arrives, action));
        return arrives;
    }

    private void observe(ClusterObject object) {
        model.onObject(object, at(now));
        publish();
    }

    private void publish() {
        for (RecordUpdate update : model.drain(at(now), Integer.MAX_VALUE)) {
            identities.pipeInput(update.key(), update.value());
        }
    }

    /** Publishes that everything that happened up to a time is in the topic. */
    private void publishProgress(double time) {
        identities.pipeInput(IdentityKeys.ofProgress(0), new IdentityProgress(at(time), 1));
    }

    /**
     * Adds a connection that begins while the pod runs. The peer sometimes reports the connection's end after the pod
     * has ended.
     */
    private void addConnection(List<Event> events, Life life, long fingerprint, RandomGenerator random) {
        boolean podIsServer = random.nextBoolean();
        double opened = random.nextDouble(life.running(), life.ended() - 0.0005);
        double observed = opened + random.nextDouble(0.0001, random.nextInt(3) == 0 ? 30 : 0.5);
        double reported = opened + random.nextDouble(REPORT_LAG);
        int port = FIRST_PORT + life.number();
        ConnectionSnapshot.Builder half = ConnectionSnapshot.newBuilder()
                .setNode("elsewhere")
                .setBootId("boot")
                .setSocketCookie(fingerprint)
                .setProtocol(Protocol.TCP)
                .setRole(podIsServer ? Role.CLIENT : Role.SERVER)
                .setState(ConnectionState.OPEN)
                .setCloseReason(CloseReason.NONE)
                .setStartedAt(at(opened))
                .setLocalAddress(address("192.168.9.9"))
                .setLocalPort(podIsServer ? 40_000 : port)
                .setRemoteAddress(address(life.address()))
                .setRemotePort(podIsServer ? port : 40_000)
                .setOwner(SocketOwner.newBuilder().setCommand("other").build())
                .setBytesAcked(1);
        ConnectionSnapshot first =
                half.setObservedAt(at(Math.min(reported, observed))).build();
        ConnectionSnapshot later = half.setObservedAt(at(observed))
                .setState(ConnectionState.CLOSED)
                .setCloseReason(CloseReason.FIN)
                .build();
        events.add(new Event(reported, () -> connections.pipeInput(fingerprint, first)));
        events.add(new Event(
                Math.max(reported, observed) + random.nextDouble(REPORT_LAG),
                () -> connections.pipeInput(fingerprint, later)));
    }

    private static ByteBuffer address(String text) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(text).getAddress());
    }

    private void run(List<Event> events) {
        events.sort(Comparator.comparingDouble(Event::when));
        double clock = 0;
        for (Event event : events) {
            now = event.when();
            while (now - clock >= 0.1) {
                driver.advanceWallClockTime(Duration.ofMillis(100));
                clock += 0.1;
                publishProgress(clock - 2 * API_LAG);
            }
            event.action().run();
        }
        publishProgress(now + 60);
        for (int second = 0; second < 30; second++) {
            driver.advanceWallClockTime(Duration.ofSeconds(1));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = 1)
    void noConnectionHasAWrongName(long seed) {
        // Given
        RandomGenerator random = new SplittableRandom(seed);
        List<Life> lives = lives(random);
        List<Event> events = new ArrayList<>();
        long fingerprint = 1;
        for (Life life : lives) {
            addLife(events, life, random);
            for (int i = 0; i < 3; i++) {
                addConnection(events, life, fingerprint++, random);
            }
        }

        // When
        run(events);

        // Then
        Map<LinkKey, LinkTotals> totals = links.readKeyValuesToMap();
        assertThat(totals.values().stream()
                        .mapToLong(LinkTotals::getConnectionsOpened)
                        .sum())
                .isEqualTo(fingerprint - 1);
        assertThat(misnamed(totals)).as("seed %d", seed).isEmpty();
    }

    /** Finds the links with the name of a wrong pod. Returns the wrong names, by the right name. */
    private static Map<String, String> misnamed(Map<LinkKey, LinkTotals> totals) {
        Map<String, String> wrong = new TreeMap<>();
        totals.keySet().forEach(link -> {
            Workload pod = link.getClient().getName().equals("other") ? link.getServer() : link.getClient();
            String expected = "p" + (link.getServerPort() - FIRST_PORT);
            if (!pod.getName().equals(expected)) {
                wrong.put(expected, pod.getName());
            }
        });
        return wrong;
    }
}
