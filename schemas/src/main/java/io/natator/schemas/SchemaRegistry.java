package io.natator.schemas;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/**
 * The schema registry that an application's serdes share. Each schema is requested once and then cached. Thread-safe.
 * Close this after the last use of the serdes.
 */
public final class SchemaRegistry implements AutoCloseable {
    private final RegistryClient client;
    private final Map<Subject, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    private record Subject(String name, Schema schema) {}

    /**
     * Creates a client for the registry that the properties of a Kafka client name; empty if they name none. Sends no
     * request yet.
     *
     * @throws IllegalArgumentException if properties are invalid; the message has one line per problem
     */
    public static Optional<SchemaRegistry> in(Map<String, String> clientProperties) {
        return RegistryConfig.in(clientProperties).map(SchemaRegistry::new);
    }

    /** Creates a client that retries calls for {@link RegistryClient#RETRY_TIMEOUT}. Sends no request yet. */
    public SchemaRegistry(RegistryConfig config) {
        this(config, RegistryClient.RETRY_TIMEOUT);
    }

    /**
     * Creates a client. Sends no request yet.
     *
     * @param retryTimeout how long calls are retried while the registry does not answer
     */
    SchemaRegistry(RegistryConfig config, Duration retryTimeout) {
        client = new RegistryClient(config, retryTimeout);
    }

    /**
     * Returns the id of a schema under a subject, and registers the schema if necessary and allowed.
     *
     * @throws SerializationException if the registry refuses the schema
     * @throws RegistryUnavailableException if the registry does not answer
     */
    int id(String subject, Schema schema) {
        var key = new Subject(subject, schema);
        Integer known = ids.get(key);
        if (known == null) {
            // Not computeIfAbsent, because other threads would wait for this request.
            known = client.id(subject, schema);
            ids.put(key, known);
        }
        return known;
    }

    /**
     * Returns the schema with an id.
     *
     * @throws SerializationException if the registry does not know the id
     * @throws RegistryUnavailableException if the registry does not answer
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
