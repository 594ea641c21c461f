package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterAccess;
import io.natator.enricher.cluster.ClusterConnection;
import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterListener;
import io.natator.enricher.cluster.ClusterProbe;
import io.natator.enricher.cluster.ClusterWatch;
import io.natator.enricher.cluster.LeaderElection;
import io.natator.enricher.cluster.WatchStatistics;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ReconciledKind;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests access to a real API server with every form of credentials that kubeconfigs and pods have. */
@Timeout(240)
@ExtendWith(TestClusterExtension.class)
class RealClusterAccessTest {
    private static final String NAMESPACE = "access";

    @TempDir
    private static Path folder;

    private static TestCluster cluster;
    private static KubernetesClient admin;

    @BeforeAll
    static void createAccount(TestCluster shared) {
        cluster = shared;
        admin = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
                .build();
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        admin.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("enricher")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        admin.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName("access-test")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject("", "ServiceAccount", "enricher", NAMESPACE)
                        .addNewSubject("rbac.authorization.k8s.io", "User", "natator", null)
                        .build())
                .create();
    }

    @AfterAll
    static void close() {
        if (admin != null) {
            admin.close();
        }
    }

    /** Creates a token that is bound to a Secret: it becomes invalid when the Secret is deleted. */
    private static String tokenBoundTo(String secret) {
        admin.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(secret)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        String uid = admin.secrets()
                .inNamespace(NAMESPACE)
                .withName(secret)
                .get()
                .getMetadata()
                .getUid();
        TokenRequest granted = admin.serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName("enricher")
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(600L)
                        .withNewBoundObjectRef("v1", "Secret", secret, uid)
                        .endSpec()
                        .build());
        return granted.getStatus().getToken();
    }

    private static void revoke(String secret) {
        admin.secrets().inNamespace(NAMESPACE).withName(secret).delete();
    }

    private static Path kubeconfig(String user) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig-" + UUID.randomUUID()), """
                apiVersion: v1
                kind: Config
                current-context: test
                clusters:
                - name: test
                  cluster:
                    server: %s
                    certificate-authority: %s
                users:
                - name: test
                  user: %s
                contexts:
                - name: test
                  context: {cluster: test, user: test}
                """.formatted(
                        cluster.server(), cluster.caCertificate(), user));
    }

    private static ClusterConnection connect(String user) throws IOException {
        return ClusterAccess.connect(ClusterAccess.resolve(Optional.of(kubeconfig(user)), Optional.empty()));
    }

    private static void assertReads(ClusterConnection connection) throws InterruptedException {
        try (var reader = new ApiReader(connection)) {
            assertThat(new ClusterProbe(reader, List.of()).probe())
                    .extracting(ClusterHealth::unready, ClusterHealth::refused)
                    .containsExactly("", "");
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void tokenInTheKubeconfig() throws Exception {
        try (ClusterConnection connection = connect("{token: " + cluster.token() + "}")) {
            assertReads(connection);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = process.inputReader(StandardCharsets.US_ASCII).readAllAsString();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    /** Has the cluster sign a certificate of the user 'natator' for this key. */
    private static String certificateFor(Path key) throws IOException, InterruptedException {
        String name = "natator-" + UUID.randomUUID();
        String request = run("openssl", "req", "-new", "-key", key.toString(), "-subj", "/CN=natator");
        CertificateSigningRequest created = admin.resource(new CertificateSigningRequestBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withSignerName("kubernetes.io/kube-apiserver-client")
                        .withRequest(base64(request))
                        .withUsages("client auth")
                        .endSpec()
                        .build())
                .create();
        admin.certificates()
                .v1()
                .certificateSigningRequests()
                .withName(created.getMetadata().getName())
                .approve(new CertificateSigningRequestConditionBuilder()
                        .withType("Approved")
                        .withReason("Test")
                        .withStatus("True")
                        .build());
        await().atMost(EnricherTest.PATIENCE)
                .until(() -> admin.certificates()
                                .v1()
                                .certificateSigningRequests()
                                .withName(name)
                                .get()
                                .getStatus()
                                .getCertificate()
                        != null);
        return new String(
                Base64.getDecoder()
                        .decode(admin.certificates()
                                .v1()
                                .certificateSigningRequests()
                                .withName(name)
                                .get()
                                .getStatus()
                                .getCertificate()),
                StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, BEGIN RSA PRIVATE KEY",
        "RSA, BEGIN PRIVATE KEY",
        "EC, BEGIN EC PRIVATE KEY",
        "EC, BEGIN PRIVATE KEY"
    })
    void clientCertificate(String algorithm, String form) throws Exception {
        // Given
        Path made = folder.resolve(UUID.randomUUID() + ".key");
        String parameter = algorithm.equals("RSA") ? "rsa_keygen_bits:2048" : "ec_paramgen_curve:P-256";
        run("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", parameter, "-out", made.toString());
        Path key = folder.resolve(UUID.randomUUID() + ".key");
        switch (form) {
            case "BEGIN RSA PRIVATE KEY" ->
                run("openssl", "rsa", "-in", made.toString(), "-traditional", "-out", key.toString());
            case "BEGIN EC PRIVATE KEY" -> run("openssl", "ec", "-in", made.toString(), "-out", key.toString());
            default -> Files.copy(made, key);
        }
        assertThat(key).content().contains(form);
        String certificate = certificateFor(key);
        Path file = Files.writeString(folder.resolve(UUID.randomUUID() + ".crt"), certificate);

        // When
        try (ClusterConnection fromFiles =
                        connect("{client-certificate: " + file.getFileName() + ", client-key: " + key + "}");
                ClusterConnection fromData = connect("{client-certificate-data: " + base64(certificate)
                        + ", client-key-data: " + base64(Files.readString(key)) + "}")) {
            // Then
            assertReads(fromFiles);
            assertReads(fromData);
        }
    }

    @Test
    void runsTheCommandAgainWhenItsTokenIsNoLongerAccepted() throws Exception {
        // Given
        Path token = Files.writeString(folder.resolve("command-token"), tokenBoundTo("command-1"));
        Path command = Files.writeString(folder.resolve("credentials"), """
                #!/bin/sh
                printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%%s"}}' \
                "$(cat %s)"
                """.formatted(token));
        assertThat(command.toFile().setExecutable(true)).isTrue();
        try (ClusterConnection connection = connect("{exec: {apiVersion: client.authentication.k8s.io/v1, command: "
                + command + ", interactiveMode: Never}}")) {
            assertReads(connection);

            // When
            Files.writeString(token, tokenBoundTo("command-2"));
            revoke("command-1");

            // Then
            await().atMost(EnricherTest.PATIENCE).untilAsserted(() -> assertReads(connection));
        }
    }

    @Test
    void readsAReplacedTokenFileWithoutInterruption() throws Exception {
        // Given
        Path token = Files.writeString(folder.resolve("token"), tokenBoundTo("file-1"));
        try (ClusterConnection connection = connect("{tokenFile: " + token.getFileName() + "}");
                var election = new LeaderElection(
                        connection,
                        new LeaderElection.LeaseName(NAMESPACE, "enricher"),
                        "me",
                        EnricherTest.QUICK,
                        () -> {})) {
            election.start();
            await().atMost(EnricherTest.PATIENCE).until(election::isLeading);
            assertReads(connection);

            // When
            Files.writeString(token, tokenBoundTo("file-2"));
            revoke("file-1");
            String renewed = renewTime();

            // Then
            assertReads(connection);
            await().atMost(EnricherTest.PATIENCE).until(() -> !renewTime().equals(renewed));
            assertThat(election.isLeading()).isTrue();
        }
    }

    private static String renewTime() {
        return String.valueOf(admin.leases()
                .inNamespace(NAMESPACE)
                .withName("enricher")
                .get()
                .getSpec()
                .getRenewTime());
    }

    @Test
    void logsTheSourceOfARevokedToken() throws Exception {
        // Given
        Path token = Files.writeString(folder.resolve("void-token"), tokenBoundTo("void"));
        EnricherConfig config = EnricherConfig.fromOptions();
        revoke("void");

        // When
        try (var lines = new LogLines();
                ClusterConnection connection = connect("{tokenFile: " + token + "}");
                var reader = new ApiReader(connection);
                var watch = new ClusterWatch(
                        reader,
                        new ClusterWatch.Scope(
                                config.cluster().namespaces(), config.cluster().pageSize(), List.of()),
                        new Ignoring(),
                        new WatchStatistics(),
                        InstantSource.system())) {
            watch.start();

            // Then
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(() -> assertThat(lines.warnings())
                            .singleElement()
                            .asString()
                            .contains("does not accept the credentials")
                            .contains("the token file " + token, "which is valid until "));
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(watch.health().unready()).contains("Unauthorized (HTTP status 401)"));
        }
    }

    private static final class Ignoring implements ClusterListener {
        @Override
        public void onObject(ClusterObject object) {
            // this listener ignores everything
        }

        @Override
        public void onDeleted(String uid) {
            // this listener ignores everything
        }

        @Override
        public void onMissing(String uid) {
            // not needed
        }

        @Override
        public void onListed(ReconciledKind kind) {
            // this listener ignores everything
        }
    }
}
