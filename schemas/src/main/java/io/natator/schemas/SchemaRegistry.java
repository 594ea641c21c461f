package io.natator.schemas;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The schema registry of this application's serdes. It caches: each schema is requested once. Thread-safe. Close it after
 * the serdes that use it.
 */
public final class SchemaRegistry implements AutoCloseable {
    private final RegistryClient client;
    private final Map<Subject, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    private record Subject(String name, Schema schema) {}

    /**
     * The registry that the properties of a Kafka client name; empty if they name none. Sends no request yet.
     *
     * @throws IllegalArgumentException with all that is wrong with them, one line each
     */
    public static Optional<SchemaRegistry> in(Map<String, String> clientProperties) {
        return RegistryConfig.in(clientProperties).map(SchemaRegistry::new);
    }

    /** A registry. Sends no request yet. */
    public SchemaRegistry(RegistryConfig config) {
        this(config, RegistryClient.RETRY_TIMEOUT);
    }

    /**
     * A registry. Sends no request yet.
     *
     * @param retryTimeout how long calls are retried while the registry does not answer
     */
    SchemaRegistry(RegistryConfig config, Duration retryTimeout) {
        client = new RegistryClient(config, retryTimeout);
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
            // Not computeIfAbsent: other threads do not wait for this request.
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
