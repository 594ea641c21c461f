package io.natator.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the API of a schema registry: Confluent Schema Registry, v1. Karapace, Redpanda and Apicurio ({@code ccompat})
 * have the same API. While the registry does not answer, a call is retried for {@link #RETRY_TIMEOUT}. Thread-safe.
 */
final class RegistryClient implements AutoCloseable {
    /**
     * How long a call is retried while the registry does not answer. This is shorter than the time after which a
     * consumer group expels a client that does not poll.
     */
    static final Duration RETRY_TIMEOUT = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(RegistryClient.class);
    private static final String JSON = "application/vnd.schemaregistry.v1+json";
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final String COMPATIBILITY = "BACKWARD_TRANSITIVE";
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final RegistryConfig config;
    private final Duration retryTimeout;
    private final JsonMapper json = new JsonMapper();
    private final HttpClient http;
    private volatile boolean closed;

    /**
     * Creates a client. It sends no request yet.
     *
     * @param retryTimeout how long calls are retried while the registry does not answer
     */
    RegistryClient(RegistryConfig config, Duration retryTimeout) {
        this.config = config;
        this.retryTimeout = retryTimeout;
        var builder = HttpClient.newBuilder().connectTimeout(REQUEST_TIMEOUT);
        DefaultSslEngineFactory ssl = config.sslContextFactory();
        SSLContext context = ssl == null ? null : ssl.sslContext();
        if (context != null) {
            builder.sslContext(context);
        }
        http = builder.build();
    }

    /** A response of the registry, with any status. */
    private record Answer(int status, JsonNode body) {
        boolean isGood() {
            return status / 100 == 2;
        }

        String message() {
            return status + " " + body.path("message").asText("");
        }
    }

    /**
     * Returns the id of a schema under a subject. Registers the schema unless the configuration forbids it.
     *
     * @throws SerializationException if the registry refuses the schema
     * @throws RegistryUnavailableException if the registry does not answer
     */
    int id(String subject, Schema schema) {
        String body = write(Map.of("schema", schema.toString()));
        String path = "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8);
        if (!config.registers()) {
            Answer found = call("POST", path, body);
            return id(found, "the schema is not registered under " + subject + " and auto.register.schemas is false");
        }
        requireCompatibility(subject);
        return id(call("POST", path + "/versions", body), "the schema cannot be registered under " + subject);
    }

    /**
     * Returns the schema with an id.
     *
     * @throws SerializationException if the registry does not know the id, or if the schema is not valid Avro
     * @throws RegistryUnavailableException if the registry does not answer
     */
    Schema schema(int id) {
        Answer answer = call("GET", "/schemas/ids/" + id, null);
        if (!answer.isGood()) {
            throw new SerializationException("the schema registry has no schema " + id + ": " + answer.message());
        }
        try {
            return new Schema.Parser().parse(answer.body().path("schema").asText());
        } catch (SchemaParseException e) {
            throw new SerializationException("schema " + id + " of the registry is not Avro: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        closed = true;
        http.shutdownNow();
    }

    /**
     * Sets the compatibility mode of a subject that has no setting of its own yet. If the registry refuses this, the
     * refusal is logged and the schema is registered anyway.
     */
    private void requireCompatibility(String subject) {
        String path = "/config/" + URLEncoder.encode(subject, StandardCharsets.UTF_8);
        Answer present = call("GET", path, null);
        if (present.status() != NOT_FOUND) {
            return;
        }
        Answer set = call("PUT", path, write(Map.of("compatibility", COMPATIBILITY)));
        if (!set.isGood()) {
            log.atWarn()
                    .addKeyValue("subject", subject)
                    .addKeyValue("reason", set.message())
                    .log("The schema registry refused the compatibility; its default applies");
        }
    }

    private static int id(Answer answer, String otherwise) {
        JsonNode id = answer.body().path("id");
        if (!answer.isGood() || !id.isInt()) {
            throw new SerializationException(otherwise + ": " + answer.message());
        }
        return id.asInt();
    }

    private Answer call(String method, String path, @Nullable String body) {
        long end = System.nanoTime() + retryTimeout.toNanos();
        boolean logged = false;
        while (!closed) {
            @Nullable IOException failure = null;
            for (URI url : config.urls()) {
                try {
                    return once(method, URI.create(url + path), body);
                } catch (IOException e) {
                    failure = e;
                } catch (InterruptedException e) {
                    throw new InterruptException(e);
                }
            }
            String reason = String.valueOf(failure);
            if (System.nanoTime() - end >= 0) {
                throw new RegistryUnavailableException(
                        "the schema registry at " + config + " does not answer: " + reason
                                + ": check --schema-registry-url and its credentials",
                        java.util.Objects.requireNonNull(failure));
            }
            if (!logged) {
                log.atWarn()
                        .addKeyValue("urls", config)
                        .addKeyValue("reason", reason)
                        .log("The schema registry does not answer; retrying");
                logged = true;
            }
            pause();
        }
        throw new KafkaException("the client of the schema registry is closed");
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private Answer once(String method, URI uri, @Nullable String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri)
                .timeout(REQUEST_TIMEOUT)
                .header("Accept", JSON)
                .header("Content-Type", JSON)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (config.authorization() != null) {
            request.header("Authorization", config.authorization());
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        int status = response.statusCode();
        if (status >= SERVER_ERROR || status == TOO_MANY_REQUESTS) {
            throw new IOException("it answers " + status);
        }
        return new Answer(status, read(response.body()));
    }

    private JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            return json.createObjectNode();
        }
    }

    private String write(Map<String, String> body) {
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a map of texts is JSON", e);
        }
    }
}
