package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryConfigTest {
    @Test
    void readsThePropertiesOfConfluentsClients() {
        // When
        RegistryConfig config = RegistryConfig.of(Map.of(
                "schema.registry.url", "https://one:8081/, http://two/apis/ccompat/v7",
                "basic.auth.credentials.source", "USER_INFO",
                "basic.auth.user.info", "reader:s3cret",
                "auto.register.schemas", "false"));

        // Then
        assertThat(config.urls())
                .containsExactly(URI.create("https://one:8081"), URI.create("http://two/apis/ccompat/v7"));
        assertThat(config.authorization()).isEqualTo("Basic cmVhZGVyOnMzY3JldA==");
        assertThat(config.registers()).isFalse();
        assertThat(config.toString()).doesNotContain("cmVhZGVyOnMzY3JldA", "s3cret");
    }

    @Test
    void reportsAllProblemsTogether() {
        assertThatThrownBy(() -> RegistryConfig.of(Map.of(
                        "schema.registry.url", "registry:8081",
                        "basic.auth.user.info", "nobody",
                        "bearer.auth.token", "t",
                        "auto.register.schemas", "maybe",
                        "schema.registry.ssl.truststore.location", "/nowhere/trust.pem",
                        "schema.registry.ssl.truststore.type", "PEM",
                        "schema.registry.ssl.trust", "x",
                        "kafkastore.topic", "x")))
                .message()
                .contains(
                        "schema.registry.url 'registry:8081' is no address",
                        "only one can be used",
                        "write user:password",
                        "auto.register.schemas is 'maybe'",
                        "/nowhere/trust.pem",
                        "schema.registry.ssl.trust is not known",
                        "kafkastore.topic is not known");
        assertThatThrownBy(() -> RegistryConfig.of(Map.of())).hasMessageContaining("schema.registry.url is missing");
    }
}
