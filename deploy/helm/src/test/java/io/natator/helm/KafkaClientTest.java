package io.natator.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.schemas.RegistryConfig;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the chart's client properties with Kafka's client and with the files that pods get from Secrets. */
class KafkaClientTest {
    private static final String MOUNT = "/etc/natator/kafka";

    @TempDir
    static Path mount;

    @BeforeAll
    static void secrets() throws IOException, InterruptedException {
        Certificates.write(mount);
        write("credentials/username", "natator");
        write("credentials/password", "pass word/=");
        write("registry/user-info", "natator:of the registry");
        write("credentials/client-id", "natator-client");
        write("credentials/client-secret", "hush");
        write("credentials/sasl.jaas.config", scram("natator-collector", "by-strimzi"));
        write("token/token", token("system:serviceaccount:observability:natator-collector"));
    }

    @Test
    void scramReadsUserAndPasswordFromTheSecret() throws IOException {
        // When
        ProducerConfig config = config("scram.yaml");

        // Then
        assertThat(config.getPassword(SaslConfigs.SASL_JAAS_CONFIG).value()).isEqualTo(scram("natator", "pass word/="));
        assertThat(config.originals())
                .containsEntry("client.rack", "a\\b")
                .containsEntry("metadata.max.age.ms", "60000");
    }

    /** Kafka Streams resolves references to files itself, and passes only the resolved values to its clients. */
    @Test
    void kafkaStreamsClientsReadTheSecret() throws IOException {
        // Given
        Properties properties = clientProperties("scram.yaml");
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "natator-topology");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        StreamsConfig streams = new StreamsConfig(properties);

        // When
        var consumer = new ConsumerConfig(streams.getMainConsumerConfigs("group", "client", 0));
        var admin = new AdminClientConfig(streams.getAdminConfigs("client"));

        // Then
        String login = scram("natator", "pass word/=");
        assertThat(consumer.getPassword(SaslConfigs.SASL_JAAS_CONFIG).value()).isEqualTo(login);
        assertThat(admin.getPassword(SaslConfigs.SASL_JAAS_CONFIG).value()).isEqualTo(login);
    }

    @Test
    void strimziUsersHaveTheirOwnLogin() throws IOException {
        // When
        ProducerConfig config = config("strimzi.yaml");

        // Then
        assertThat(config.getPassword(SaslConfigs.SASL_JAAS_CONFIG).value())
                .isEqualTo(scram("natator-collector", "by-strimzi"));
    }

    @Test
    void mutualTlsReadsCertificateAndKeyFromTheSecret() throws IOException {
        // When
        ProducerConfig config = config("mtls.yaml");

        // Then
        assertThat(config.getPassword(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG)
                        .value())
                .startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(config.getPassword(SslConfigs.SSL_KEYSTORE_KEY_CONFIG).value())
                .startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(config.getString(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG))
                .isEmpty();
    }

    @Test
    void oauthReadsTheClientFromTheSecret() throws IOException {
        // When
        ProducerConfig config = config("oauth-client.yaml");

        // Then
        assertThat(config.getString(SaslConfigs.SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_ID))
                .isEqualTo("natator-client");
        assertThat(config.getPassword(SaslConfigs.SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET))
                .isEqualTo(new Password("hush"));
        assertThat(config.getString(SaslConfigs.SASL_OAUTHBEARER_SCOPE)).isEqualTo("kafka");
    }

    @Test
    void registryPasswordIsReadFromTheSecret() throws IOException, InterruptedException {
        // Given
        Files.createDirectories(mount.resolve("registry-trust"));
        Files.copy(mount.resolve("trust/ca.crt"), mount.resolve("registry-trust/ca.crt"));
        Map<String, String> properties = clientProperties("registry.yaml").entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry.getKey().toString(),
                        entry -> entry.getValue().toString()));
        properties.put(RegistryConfig.URL, "https://registry.example");

        // When
        RegistryConfig config = RegistryConfig.in(properties).orElseThrow();

        // Then
        assertThat(config.authorization())
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString("natator:of the registry".getBytes(UTF_8)));
        assertThat(config.ssl()).containsEntry("ssl.truststore.type", "PEM");
    }

    @Test
    void missingPasswordIsReported() throws IOException {
        // Given
        Map<String, String> properties = Map.of(
                RegistryConfig.URL,
                "https://registry.example",
                "config.providers",
                "dir",
                "config.providers.dir.class",
                "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
                "bearer.auth.token",
                "${dir:" + mount + "/registry:nothing}");

        // When
        var reading = assertThatThrownBy(() -> RegistryConfig.in(properties));

        // Then
        reading.hasMessageContaining("bearer.auth.token is ${dir:")
                .hasMessageContaining("the file, the key or the provider does not exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {"oauth-client.yaml", "oauth-service-account.yaml"})
    void jvmOptionsAllowTheTokenUrl(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        String endpoint = properties(rendered).getProperty(SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL);
        assertThat(rendered.workloads())
                .hasSize(3)
                .allSatisfy(workload -> assertThat(Rendered.container(workload)
                                .path("env")
                                .path(0)
                                .path("value")
                                .asString())
                        .contains("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + endpoint));
    }

    /**
     * The constructor of Kafka's client reads key store and trust store, checks the options of the login, and logs in
     * if that needs no server. So creating the client tests these settings.
     */
    @ParameterizedTest
    @ValueSource(strings = {"minimal.yaml", "scram.yaml", "strimzi.yaml", "mtls.yaml", "oauth-service-account.yaml"})
    void kafkaAcceptsThem(String valuesFile) throws IOException {
        // Given
        String allowedUrls = "org.apache.kafka.sasl.oauthbearer.allowed.urls";
        System.setProperty(allowedUrls, mount.resolve("token/token").toUri().toString());

        // When
        try (var producer = new KafkaProducer<>(clientProperties(valuesFile))) {
            // Then
            assertThat(producer.metrics()).isNotEmpty();
        } finally {
            System.clearProperty(allowedUrls);
        }
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void noSecretIsInAConfigMapOrAnEnvironment(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        List<String> secretSettings = properties(rendered).stringPropertyNames().stream()
                .filter(name -> name.matches(
                        "sasl\\.jaas\\.config|.*(password|secret|keystore\\.key|user\\.info|auth\\.token)"))
                .toList();
        assertThat(secretSettings)
                .allSatisfy(
                        name -> assertThat(properties(rendered).getProperty(name))
                                .matches(
                                        ".*\\$\\{dir:/etc/natator/kafka/(credentials|registry):[^}]+}.*|.*OAuthBearerLoginModule required;"));
        assertThat(rendered.objects()).noneMatch(object -> Rendered.kind(object).equals("Secret"));
        assertThat(rendered.workloads()
                        .map(workload ->
                                Rendered.container(workload).path("env").toString()))
                .noneMatch(env -> env.contains("secretKeyRef"));
    }

    private ProducerConfig config(String valuesFile) throws IOException {
        return new ProducerConfig(clientProperties(valuesFile));
    }

    private Properties clientProperties(String valuesFile) throws IOException {
        Rendered rendered = Chart.render(valuesFile);
        Properties properties = properties(rendered);
        properties.replaceAll((name, value) -> value.toString().replace(MOUNT, mount.toString()));
        properties.putAll(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9",
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName(),
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName()));
        return properties;
    }

    private static Properties properties(Rendered rendered) {
        Properties properties = new Properties();
        rendered.ofKind("ConfigMap")
                .filter(map -> Rendered.name(map).endsWith("-kafka-client"))
                .map(map -> map.path("data").path("client.properties").asString())
                .forEach(text -> load(properties, text));
        return properties;
    }

    private static void load(Properties properties, String text) {
        try {
            properties.load(new StringReader(text));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String scram(String user, String password) {
        return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(user, password);
    }

    /** A well-formed token. Its signature is invalid, but nothing in this test checks the signature. */
    private static String token(String subject) {
        long now = Instant.now().getEpochSecond();
        String claims = "{\"sub\":\"%s\",\"iat\":%d,\"exp\":%d}".formatted(subject, now, now + 3600);
        return Stream.of("{\"alg\":\"RS256\"}", claims, "signature")
                .map(part -> Base64.getUrlEncoder().withoutPadding().encodeToString(part.getBytes(UTF_8)))
                .collect(Collectors.joining("."));
    }

    private static void write(String file, String content) throws IOException {
        Files.createDirectories(mount.resolve(file).getParent());
        Files.writeString(mount.resolve(file), content);
    }
}
