package io.natator.schemas;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/**
 * A schema registry as the serdes of this application see it: each schema is asked for once. Thread-safe. To be closed
 * after the serdes that use it.
 */
public final class SchemaRegistry implements AutoCloseable {
    /** Shorter than any client may stay away from its group. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RegistryClient client;
    private final Map<Subject, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    private record Subject(String name, Schema schema) {}

    /**
     * The registry that the properties of a Kafka client name; empty if they name none. Asks nothing yet.
     *
     * @throws IllegalArgumentException with all that is wrong with them, one line each
     */
    public static Optional<SchemaRegistry> in(Map<String, String> clientProperties) {
        return RegistryConfig.in(clientProperties).map(SchemaRegistry::new);
    }

    /** Asks nothing yet. */
    public SchemaRegistry(RegistryConfig config) {
        this(config, PATIENCE);
    }

    /**
     * Asks nothing yet.
     *
     * @param patience how long a registry that does not answer is waited for
     */
    SchemaRegistry(RegistryConfig config, Duration patience) {
        client = new RegistryClient(config, patience);
    }

    /**
     * The id a schema has under a subject.
     *
     * @throws SerializationException if the registry refuses
     * @throws RegistryUnavailableException if it does not answer
     */
    int id(String subject, Schema schema) {
        var key = new Subject(subject, schema);
        Integer known = ids.get(key);
        if (known == null) {
            // Not computeIfAbsent: others need not wait for the network.
            known = client.id(subject, schema);
            ids.put(key, known);
        }
        return known;
    }

    /**
     * The schema with an id.
     *
     * @throws SerializationException if the registry does not know it
     * @throws RegistryUnavailableException if it does not answer
     */
    Schema schema(int id) {
        Schema known = schemas.get(id);
        if (known == null) {
            known = client.schema(id);
            schemas.put(id, known);
        }
        return known;
    }

    @Override
    public void close() {
        client.close();
    }
}
