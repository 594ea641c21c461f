package io.natator.helm;

import io.natator.helm.CustomResources.Acl;
import io.natator.http.FreePort;
import io.natator.http.pki.TestAuthority;
import io.natator.local.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A broker with authentication: TLS with SCRAM on one port, TLS with client certificates on another port. The broker
 * refuses every operation that no ACL allows. A port without TLS is for the administrator.
 */
final class SecuredKafka implements AutoCloseable {
    private final EmbeddedKafka broker;
    private final String scramServers;
    private final String tlsServers;

    SecuredKafka(Path folder, TestAuthority authority) throws IOException, InterruptedException {
        TestAuthority.Issued own = authority.issue("broker", "dns:localhost", "ip:127.0.0.1");
        Path keystore = Files.writeString(
                folder.resolve("broker.pem"), Files.readString(own.key()) + Files.readString(own.certificate()));
        scramServers = "localhost:" + FreePort.find();
        tlsServers = "localhost:" + FreePort.find();
        broker = EmbeddedKafka.start(folder.resolve("kafka"), 0, settings -> {
            settings.merge("listeners", ",SCRAM://" + scramServers + ",CERTIFICATE://" + tlsServers, String::concat);
            settings.merge("listener.security.protocol.map", ",SCRAM:SASL_SSL,CERTIFICATE:SSL", String::concat);
            settings.putAll(Map.of(
                    "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                    "super.users", "User:ANONYMOUS",
                    "sasl.enabled.mechanisms", "SCRAM-SHA-512",
                    "listener.name.scram.scram-sha-512.sasl.jaas.config", login("", ""),
                    "listener.name.certificate.ssl.client.auth", "required",
                    "ssl.keystore.type", "PEM",
                    "ssl.keystore.location", keystore.toString(),
                    "ssl.truststore.type", "PEM",
                    "ssl.truststore.location", authority.certificate().toString()));
        });
    }

    /** Returns the JAAS configuration of a client with this user, or of a broker if {@code user} is empty. */
    static String login(String user, String password) {
        String module = "org.apache.kafka.common.security.scram.ScramLoginModule required";
        return user.isEmpty() ? module + ";" : module + " username=\"" + user + "\" password=\"" + password + "\";";
    }

    /** The address of the listener for users with a password. */
    String scramServers() {
        return scramServers;
    }

    /** The address of the listener for users with a certificate. */
    String tlsServers() {
        return tlsServers;
    }

    /**
     * Adds a user with a password and the given ACLs, as Strimzi's user operator would. The ACLs also apply to the
     * user's certificate.
     */
    void addUser(String user, String password, List<Acl> acls) throws ExecutionException, InterruptedException {
        try (Admin admin =
                Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password)))
                    .all()
                    .get();
            admin.createAcls(acls.stream()
                            .flatMap(acl -> acl.operations().stream()
                                    .flatMap(operation -> List.of("User:" + user, "User:CN=" + user).stream()
                                            .map(principal -> binding(acl, principal, operation))))
                            .toList())
                    .all()
                    .get();
        }
    }

    private static AclBinding binding(Acl acl, String principal, CustomResources.AclOperation operation) {
        ResourceType type = switch (acl.resource().type()) {
            case topic -> ResourceType.TOPIC;
            case group -> ResourceType.GROUP;
            case transactionalId -> ResourceType.TRANSACTIONAL_ID;
        };
        PatternType pattern = switch (acl.resource().patternType()) {
            case literal -> PatternType.LITERAL;
            case prefix -> PatternType.PREFIXED;
        };
        AclOperation allowed = switch (operation) {
            case Read -> AclOperation.READ;
            case Write -> AclOperation.WRITE;
            case Create -> AclOperation.CREATE;
            case Delete -> AclOperation.DELETE;
            case Alter -> AclOperation.ALTER;
            case Describe -> AclOperation.DESCRIBE;
            case AlterConfigs -> AclOperation.ALTER_CONFIGS;
            case DescribeConfigs -> AclOperation.DESCRIBE_CONFIGS;
        };
        return new AclBinding(
                new ResourcePattern(type, acl.resource().name(), pattern),
                new AccessControlEntry(principal, "*", allowed, AclPermissionType.ALLOW));
    }

    @Override
    public void close() {
        broker.close();
    }
}
