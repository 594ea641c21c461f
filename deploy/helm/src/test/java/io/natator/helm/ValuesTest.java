package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests that the chart refuses wrong values, and that the error contains the path of the value. */
class ValuesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        kafka: {bootstrapServers: kafka}                                   | '/kafka/bootstrapServers'
        kafka: {bootstrapServers: 'kafka:9092,'}                           | '/kafka/bootstrapServers'
        kafka: {bootstrapServer: kafka:9092}                               | 'bootstrapServer'
        kafka: {topicPrefix: 'a/b'}                                        | '/kafka/topicPrefix'
        kafka: {partitions: 0}                                             | '/kafka/partitions'
        kafka: {partitions: many}                                          | '/kafka/partitions'
        kafka: {security: {protocol: TLS}}                                 | '/kafka/security/protocol'
        kafka: {security: {sasl: {mechanism: GSSAPI}}}                     | '/kafka/security/sasl/mechanism'
        kafka: {security: {tls: {verifyHostname: 'no'}}}                   | '/kafka/security/tls/verifyHostname'
        kafka: {properties: {sasl.jaas.config: secret}}                    | 'sasl.jaas.config'
        kafka: {properties: {ssl.keystore.password: secret}}               | 'ssl.keystore.password'
        kafka: {properties: {ssl.key.password: secret}}                    | 'ssl.key.password'
        kafka: {properties: {bootstrap.servers: 'kafka:9092'}}             | 'bootstrap.servers'
        kafka: {properties: {basic.auth.user.info: 'user:secret'}}         | 'basic.auth.user.info'
        schemaRegistry: {url: 'registry:8081'}                             | '/schemaRegistry/url'
        kafka: {properties: {client.id: "a\\nsasl.jaas.config=b"}}          | '/kafka/properties/client.id'
        kafka: {properties: {linger.ms: [5]}}                              | '/kafka/properties/linger.ms'
        strimzi: {apiVersion: v1beta1}                                     | '/strimzi/apiVersion'
        strimzi: {users: {authentication: password}}                       | '/strimzi/users/authentication'
        collector: {securityContext: {capabilities: [CAP_BPF]}}            | '/collector/securityContext/capabilities/0'
        collector: {hostPath: {bpffs: sys/fs/bpf}}                         | '/collector/hostPath/bpffs'
        collector: {enabled: false}                                        | 'enabled'
        collector: {options: {bootstrap-servers: 'kafka:9092'}}            | 'bootstrap-servers'
        collector: {options: {--poll-interval: 1s}}                        | '--poll-interval'
        collector: {options: {poll-interval: {seconds: 1}}}                | '/collector/options/poll-interval'
        collector: {updateStrategy: {type: Recreate}}                      | '/collector/updateStrategy/type'
        collector: {image: {digest: latest}}                               | '/collector/image/digest'
        collector: {tolerations: {operator: Exists}}                       | '/collector/tolerations'
        enricher: {replicas: 0}                                            | '/enricher/replicas'
        enricher: {resources: {limits: {memory: lots}}}                    | '/enricher/resources/limits/memory'
        enricher: {rbac: {extraRules: [{apiGroups: [''], resources: [secrets], verbs: ['*']}]}} | '/enricher/rbac/extraRules/0/verbs/0'
        enricher: {podDisruptionBudget: {maxUnavailable: half}}            | '/enricher/podDisruptionBudget/maxUnavailable'
        topology: {persistence: {size: big}}                               | '/topology/persistence/size'
        topology: {service: {port: 70000}}                                 | '/topology/service/port'
        topology: {topologySpread: {zones: Maybe}}                         | '/topology/topologySpread/zones'
        monitoring: {scrape: serviceMonitor}                               | '/monitoring/scrape'
        monitoring: {alerts: {disabled: [TypingErrorCollector]}}           | '/monitoring/alerts/disabled/0'
        networkPolicy: {kafkaPorts: [http]}                                | '/networkPolicy/kafkaPorts/0'
        http: {tls: {certificateKey: 'a/b'}}                               | '/http/tls/certificateKey'
        http: {token: {file: token}}                                       | 'file'
        http: {allowedHosts: ['https://map.example']}                      | '/http/allowedHosts/0'
        topology: {cidrNames: {office: 10.0.0.0/8}}                        | 'office'
        image: {pullPolicy: Sometimes}                                     | '/image/pullPolicy'
        imagePullSecrets: [pull]                                           | '/imagePullSecrets/0'
        fullnameOverride: Not_A_Name                                       | '/fullnameOverride'
        colector: {}                                                       | 'colector'
        """)
    void schemaRefusesThemWithTheirPath(String values, String path) {
        // When
        var rendering = assertThatThrownBy(() -> Chart.manifestOf(withKafka(values), folder));

        // Then
        rendering
                .hasMessageContaining("values don't meet the specifications of the schema")
                .hasMessageContaining(path);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        http: {clientCa: {secretName: ca}}                                 | http.clientCa.secretName
        schemaRegistry: {secretName: registry, tokenKey: token}            | schemaRegistry.url
        schemaRegistry: {url: 'http://registry', secretName: registry}     | schemaRegistry.secretName
        schemaRegistry: {url: 'http://registry', secretName: registry, tokenKey: a, userInfoKey: b} | schemaRegistry.tokenKey
        topology: {options: {schema-registry-url: 'http://registry'}}      | topology.options.schema-registry-url
        topology: {replicas: 1}                                            | topology.standbyReplicas
        topology: {replicas: 13}                                           | topology.replicas
        kafka: {security: {tls: {clientCertificate: true}}}                | kafka.security.tls.clientCertificate
        kafka: {security: {tls: {trustSecretName: ca}}}                    | kafka.security.tls.trustSecretName
        collector: {options: {heartbeat-interval: 30s}}                    | topology.options.heartbeat-interval
        kafka: {security: {protocol: SASL_SSL}}                            | enricher.kafkaSecretName
        kafka: {security: {protocol: SASL_SSL, sasl: {mechanism: OAUTHBEARER}, secretName: a}} | kafka.security.sasl.oauth.tokenEndpoint
        """)
    void contradictionsAreRefusedWithTheirPath(String values, String path) {
        // When
        var rendering = assertThatThrownBy(() -> Chart.manifestOf(withKafka(values), folder));

        // Then
        rendering.hasMessageContaining("\n" + path + ": ");
    }

    @Test
    void reportsAllContradictionsTogether() {
        // Given
        String values = withKafka("kafka: {security: {tls: {clientCertificate: true}}}") + "\ntopology: {replicas: 13}";

        // When
        var rendering = assertThatThrownBy(() -> Chart.manifestOf(values, folder));

        // Then
        rendering
                .hasMessageContaining("topology.replicas: ")
                .hasMessageContaining("kafka.security.tls.clientCertificate: ");
    }

    @Test
    void reportsMissingKafka() {
        // When
        var rendering = assertThatThrownBy(() -> Chart.manifestOf("{}", folder));

        // Then
        rendering.hasMessageContaining("kafka.bootstrapServers is not set: give host:port of your Kafka");
    }

    @Test
    void schemaAndDefaultsNameTheSameValues() throws IOException {
        // Given
        JsonNode schema = JsonMapper.shared()
                .readTree(Chart.FOLDER.resolve("values.schema.json").toFile());
        JsonNode defaults =
                Chart.YAML.readTree(Chart.FOLDER.resolve("values.yaml").toFile());

        // When
        Set<String> inSchema = new TreeSet<>();
        collectSchema(schema, schema, "", inSchema);
        Set<String> inDefaults = new TreeSet<>();
        collectDefaults(schema, schema, defaults, "", inDefaults);

        // Then
        inSchema.remove(".global");
        inSchema.removeIf(path -> path.endsWith(".localhostProfile") || path.endsWith("updateStrategy.rollingUpdate"));
        inDefaults.removeIf(path -> path.endsWith("updateStrategy.rollingUpdate"));
        assertThat(inDefaults).isEqualTo(inSchema);
    }

    private static void collectSchema(JsonNode root, JsonNode schema, String path, Set<String> paths) {
        resolve(root, schema).path("properties").properties().forEach(property -> {
            String child = path + "." + property.getKey();
            paths.add(child);
            collectSchema(root, property.getValue(), child, paths);
        });
    }

    private static void collectDefaults(
            JsonNode root, JsonNode schema, JsonNode defaults, String path, Set<String> paths) {
        JsonNode properties = resolve(root, schema).path("properties");
        if (!properties.isObject()) {
            return;
        }
        defaults.properties().forEach(value -> {
            String child = path + "." + value.getKey();
            paths.add(child);
            collectDefaults(root, properties.path(value.getKey()), value.getValue(), child, paths);
        });
    }

    private static JsonNode resolve(JsonNode root, JsonNode schema) {
        String reference = schema.path("$ref").asString("");
        return reference.isEmpty() ? schema : root.at(reference.substring(1));
    }

    /** Adds an address of Kafka to values that contain none. */
    private static String withKafka(String values) {
        if (values.contains("bootstrapServer")) {
            return values.startsWith("kafka") ? values : values + "\nkafka: {bootstrapServers: 'kafka:9092'}";
        }
        return values.startsWith("kafka: {")
                ? values.replaceFirst("kafka: \\{", "kafka: {bootstrapServers: 'kafka:9092', ")
                : values + "\nkafka: {bootstrapServers: 'kafka:9092'}";
    }
}
