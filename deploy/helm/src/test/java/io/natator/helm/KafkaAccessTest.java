package io.natator.helm;

import static io.natator.local.PodSandboxes.ipv4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.helm.CustomResources.KafkaUser;
import io.natator.http.FreePort;
import io.natator.http.pki.TestAuthority;
import io.natator.local.PodSandboxes;
import io.natator.local.ServiceProcess;
import io.natator.local.Workloads;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the services with the chart's client properties and the rights of its KafkaUsers. The broker is real and
 * requires TLS, authentication and authorization.
 */
@ExtendWith(TestClusterExtension.class)
class KafkaAccessTest {
    private static final String PREFIX = "map.";
    private static final String MOUNT = "/etc/natator/kafka";

    @TempDir
    static Path folder;

    private static final List<AutoCloseable> started = new ArrayList<>();
    private static TestAuthority authority;
    private static SecuredKafka kafka;
    private static PodSandboxes sandboxes;
    private static Pod webPod;
    private static Pod cartPod;
    private static int topologyPort;

    @BeforeAll
    static void start(TestCluster cluster) throws Exception {
        authority = TestAuthority.in(folder.resolve("authority"));
        kafka = started(new SecuredKafka(folder, authority));
        Rendered chart = Chart.render("strimzi.yaml");
        for (String component : List.of("collector", "enricher", "topology")) {
            KafkaUser user = (KafkaUser) KubernetesModel.read(chart.object("KafkaUser", "natator-" + component));
            kafka.addUser(
                    "natator-" + component,
                    component + "'s",
                    user.spec().authorization().acls());
            writeMount(component, "natator-" + component, component + "'s", authority);
        }
        kafka.addUser("stranger", "stranger's", List.of());
        writeMount("stranger", "stranger", "stranger's", authority);
        writeMount("forger", "natator-enricher", "unknown", TestAuthority.in(folder.resolve("forged")));
        Workloads workloads = started(new Workloads(cluster, "access"));
        workloads.addNode("access-a", "zone-1", "access-a", "192.168.77.4");
        webPod = workloads.run("web", "access-a");
        cartPod = workloads.run("cart", "access-a");
        sandboxes = started(new PodSandboxes());
        BpfFileSystem bpf = started(new BpfFileSystem());
        topologyPort = start(
                "topology",
                "io.natator.topology.TopologyMain",
                List.of("--state-dir=" + folder.resolve("state"), applicationId(chart), "--standby-replicas=0"));
        start(
                "enricher",
                "io.natator.enricher.EnricherMain",
                List.of("--kubeconfig=" + cluster.kubeconfig(), "--leader-election=false"));
        int collectorPort =
                start("collector", "io.natator.collector.CollectorMain", List.of("--pin-directory=" + bpf.pins()));
        await("the collector is ready")
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> get(collectorPort, "/readyz").statusCode() == 200);
    }

    private static <T extends AutoCloseable> T started(T part) {
        started.add(part);
        return part;
    }

    /** Starts a service and returns its HTTP port. */
    private static int start(String component, String main, List<String> further) throws IOException {
        int port = FreePort.find();
        List<String> arguments = new ArrayList<>(further);
        Path properties = folder.resolve(component + ".properties");
        try (var out = Files.newBufferedWriter(properties)) {
            chartProperties("strimzi.yaml", component).store(out, null);
        }
        arguments.addAll(List.of(
                "--bootstrap-servers=" + kafka.scramServers(),
                "--kafka-config=" + properties,
                "--topic-prefix=" + PREFIX,
                "--partitions=2",
                "--http-address=127.0.0.1",
                "--http-port=" + port));
        started(ServiceProcess.start(List.of(), main, arguments, folder.resolve(component + ".log")));
        return port;
    }

    private static String applicationId(Rendered chart) {
        return Rendered.container(chart.workload("topology"))
                .path("args")
                .valueStream()
                .map(argument -> argument.asString())
                .filter(argument -> argument.startsWith("--application-id="))
                .findFirst()
                .orElseThrow();
    }

    /** Writes the files that a pod's mounted Secrets contain. */
    private static void writeMount(String mount, String user, String password, TestAuthority issuer)
            throws IOException, InterruptedException {
        Path credentials = Files.createDirectories(folder.resolve(mount).resolve("credentials"));
        Path trust = Files.createDirectories(folder.resolve(mount).resolve("trust"));
        Files.copy(authority.certificate(), trust.resolve("ca.crt"));
        Files.writeString(credentials.resolve("sasl.jaas.config"), SecuredKafka.login(user, password));
        TestAuthority.Issued issued = issuer.issue(user);
        Files.copy(issued.certificate(), credentials.resolve("user.crt"));
        Files.copy(issued.key(), credentials.resolve("user.key"));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : started.reversed()) {
            part.close();
        }
    }

    @Test
    void servicesWorkWithTheirUsersRights() {
        // Given
        try (TrafficPeer cart = sandboxes.startServer(cartPod);
                TrafficPeer web = sandboxes.startClient(webPod)) {
            int port = cart.listen(ipv4(cartPod), true);

            // When
            web.connect(ipv4(cartPod), port, true, 0, 20, 2, 4711, 20_000);

            // Then
            await("the link is known, with the enricher's names")
                    .atMost(Duration.ofMinutes(2))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .conditionEvaluationListener(condition -> {
                        if (!condition.isSatisfied() && condition.getRemainingTimeInMS() < 1_000) {
                            printLogs();
                        }
                    })
                    .untilAsserted(() -> assertThat(links("client=web&server=cart")
                                    .path("links")
                                    .valueStream()
                                    .filter(link -> link.path("serverPort").asInt() == port)
                                    .map(link -> link.path("connectionsClosed").asInt()))
                            .containsExactly(20));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "collector, links",
        "collector, identities",
        "enricher, connections",
        "enricher, links",
        "topology, connections",
        "topology, identities",
        "stranger, connections",
        "stranger, dead-letters"
    })
    void refusesWritesToTopicsOfOtherUsers(String user, String topic) throws IOException {
        // Given
        Properties properties = properties("strimzi.yaml", user, kafka.scramServers());
        properties.put("enable.idempotence", false);
        try (var producer = new KafkaProducer<byte[], byte[]>(properties)) {
            // When
            Throwable refusal = catchThrowable(() -> producer.send(new ProducerRecord<>(PREFIX + topic, new byte[8]))
                    .get());

            // Then
            assertThat(refusal).hasCauseInstanceOf(TopicAuthorizationException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "collector, connections",
        "collector, links",
        "enricher, connections",
        "enricher, network-activity",
        "stranger, links",
        "stranger, connections"
    })
    void refusesReadsOfTopicsOfOtherUsers(String user, String topic) throws IOException {
        // Given
        try (var consumer = new KafkaConsumer<>(
                properties("strimzi.yaml", user, kafka.scramServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(PREFIX + topic, 0)));
            consumer.seek(new TopicPartition(PREFIX + topic, 0), 0);

            // When
            var read = assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(30)));

            // Then
            read.isInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void acceptsACertificateAtTheMutualTlsListener() throws Exception {
        // Given
        try (var producer =
                new KafkaProducer<byte[], byte[]>(properties("mtls.yaml", "enricher", kafka.tlsServers()))) {
            // When
            Throwable own = catchThrowable(() -> send(producer, "identities"));
            Throwable another = catchThrowable(() -> send(producer, "links"));

            // Then
            assertThat(own).isNull();
            assertThat(another).hasCauseInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void refusesACertificateOfAnotherAuthority() throws Exception {
        // When
        Throwable refusal = sending(properties("mtls.yaml", "forger", kafka.tlsServers()));

        // Then
        assertThat(refusal).hasCauseInstanceOf(SslAuthenticationException.class);
    }

    @Test
    void refusesConnectionsWithoutTls() throws Exception {
        // Given
        Properties properties = properties("strimzi.yaml", "enricher", kafka.scramServers());
        properties.put("security.protocol", "SASL_PLAINTEXT");

        // When
        Throwable refusal = sending(properties);

        // Then
        assertThat(refusal).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void refusesAWrongPassword() throws Exception {
        // Given
        Properties properties = properties("strimzi.yaml", "enricher", kafka.scramServers());
        properties.put("sasl.jaas.config", SecuredKafka.login("natator-enricher", "a guess"));

        // When
        Throwable refusal = sending(properties);

        // Then
        assertThat(refusal).hasCauseInstanceOf(SaslAuthenticationException.class);
    }

    @Test
    void clientDoesNotTrustABrokerOfAnotherAuthority() throws Exception {
        // Given
        Properties properties = properties("strimzi.yaml", "enricher", kafka.scramServers());
        properties.put(
                "ssl.truststore.location",
                TestAuthority.in(folder.resolve("other")).certificate().toString());

        // When
        Throwable refusal = sending(properties);

        // Then
        assertThat(refusal).hasCauseInstanceOf(SslAuthenticationException.class);
    }

    private static Throwable sending(Properties properties) {
        try (var producer = new KafkaProducer<byte[], byte[]>(properties)) {
            return Objects.requireNonNull(
                    catchThrowable(() -> send(producer, "identities")), "the broker accepted the write");
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic)
            throws ExecutionException, InterruptedException {
        producer.send(new ProducerRecord<>(PREFIX + topic, 0, new byte[] {1}, null))
                .get();
    }

    private static Properties properties(String valuesFile, String component, String servers) throws IOException {
        Properties properties = chartProperties(valuesFile, component);
        properties.putAll(Map.of(
                "bootstrap.servers",
                servers,
                "max.block.ms",
                "10000",
                "key.serializer",
                ByteArraySerializer.class.getName(),
                "value.serializer",
                ByteArraySerializer.class.getName()));
        return properties;
    }

    private static Properties chartProperties(String valuesFile, String component) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Chart.render(valuesFile)
                .object("ConfigMap", "natator-kafka-client")
                .path("data")
                .path("client.properties")
                .asString()));
        properties.replaceAll((name, value) ->
                value.toString().replace(MOUNT, folder.resolve(component).toString()));
        return properties;
    }

    private static JsonNode links(String query) throws IOException, InterruptedException {
        return JsonMapper.shared()
                .readTree(get(topologyPort, "/api/links?" + query).body());
    }

    private static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static void printLogs() {
        for (String component : List.of("collector", "enricher", "topology")) {
            try {
                List<String> lines = Files.readAllLines(folder.resolve(component + ".log"));
                System.err.println(component + ":\n"
                        + String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())));
            } catch (IOException e) {
                System.err.println(component + ": no log: " + e);
            }
        }
    }
}
