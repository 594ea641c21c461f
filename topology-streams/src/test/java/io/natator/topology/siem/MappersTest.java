package io.natator.topology.siem;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.natator.schemas.LinkKey;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.identity.Endpoint;
import io.natator.topology.identity.SocketProcess;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.ledger.EventTimes;
import io.natator.topology.link.Traffic;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MappersTest {
    private static final String POD = "6f1c7a3e-6d5e-4c0b-9a53-0a4a4a9f2c11";
    private static final long AT = START.toEpochMilli() * 1000;
    private static final Schema OCSF = schema();

    private final JsonMapper json = new JsonMapper();

    private static Schema schema() {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(
                        Objects.requireNonNull(
                                MappersTest.class.getResourceAsStream("/ocsf-network-activity-1.8.json")),
                        InputFormat.JSON);
    }

    private static ConnectionEnd client(@Nullable String podUid) {
        return new ConnectionEnd(
                new SocketProcess("node-a", "curl", podUid, 4711, "ab".repeat(32)),
                Protocol.TCP,
                new Endpoint(address("10.0.0.1"), 40_000),
                new Endpoint(address("10.96.0.1"), 80));
    }

    private static ConnectionEnd server() {
        return new ConnectionEnd(
                new SocketProcess("node-b", "nginx", null, 815, null),
                Protocol.TCP,
                new Endpoint(address("10.0.0.2"), 8080),
                new Endpoint(address("10.0.0.1"), 40_000));
    }

    private static Traffic traffic(long factor) {
        return Traffic.builder()
                .bytesToServer(10 * factor)
                .bytesToClient(20 * factor)
                .segmentsToServer(factor)
                .segmentsToClient(2 * factor)
                .build();
    }

    private static ConnectionEvent event(
            Activity activity,
            @Nullable ConnectionEnd client,
            @Nullable ConnectionEnd server,
            long count,
            String reason) {
        return new ConnectionEvent(
                activity,
                new ConnectionEnds(client, server),
                traffic(1),
                traffic(10),
                EventTimes.builder()
                        .startedAt(AT)
                        .since(AT + 1_000_000)
                        .at(AT + 2_000_000)
                        .build(),
                count,
                reason);
    }

    private static NetworkActivity activity(@Nullable Long connection, ConnectionEvent event, String serverKind) {
        return new NetworkActivity(
                connection,
                new LinkKey(
                        new Workload("web", "shop", "Deployment", "zone-1", "region-1", ""),
                        new Workload("cart", "shop", serverKind, "", "", ""),
                        8080,
                        Protocol.TCP,
                        "shop/cart-service:80"),
                event,
                "web-1",
                null);
    }

    private JsonNode ocsf(NetworkActivity activity) {
        return json.valueToTree(new OcsfMapper("1.2.3").map(activity));
    }

    private static List<Error> errors(JsonNode event) {
        return OCSF.validate(
                event, execution -> execution.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }

    @ParameterizedTest
    @EnumSource
    void everyActivityIsValidOcsf(Activity activity) {
        for (@Nullable
        ConnectionEnd client : new ConnectionEnd[] {client(POD), client(null), client("0123456789abcdef"), null}) {
            for (@Nullable ConnectionEnd server : new ConnectionEnd[] {server(), null}) {
                for (String reason : List.of("", "RESET", ConnectionEvent.REPORTS_CEASED)) {
                    JsonNode event = ocsf(activity(-2L, event(activity, client, server, 1, reason), "external"));

                    assertThat(errors(event)).as("%s", event).isEmpty();
                    assertThat(event.get("type_uid").asInt())
                            .isEqualTo(400_100 + event.get("activity_id").asInt());
                }
            }
        }
    }

    @Test
    void recommendedAttributesAreThere() {
        assertThat(ocsf(activity(7L, event(Activity.OPEN, client(POD), server(), 1, ""), "Deployment"))
                        .propertyNames())
                .contains(
                        "connection_info",
                        "src_endpoint",
                        "dst_endpoint",
                        "traffic",
                        "status_id",
                        "message",
                        "observables",
                        "timezone_offset",
                        "is_src_dst_assignment_known");
    }

    @ParameterizedTest
    @ValueSource(strings = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"})
    void schemaRefusesAnEventWithoutARequiredAttribute(String attribute) {
        Map<String, Object> event =
                new OcsfMapper("1").map(activity(7L, event(Activity.OPEN, client(POD), server(), 1, ""), "Deployment"));
        event.remove(attribute);

        assertThat(errors(json.valueToTree(event))).isNotEmpty();
    }

    @Test
    void ocsfNamesBothEnds() {
        // When
        JsonNode event = ocsf(activity(-2L, event(Activity.RESET, client(POD), server(), 1, "RESET"), "Deployment"));

        // Then
        JsonNode source = event.get("src_endpoint");
        assertThat(source.get("name").asString()).isEqualTo("web");
        assertThat(source.get("ip").asString()).isEqualTo("10.0.0.1");
        assertThat(source.get("port").asInt()).isEqualTo(40_000);
        assertThat(source.get("hostname").asString()).isEqualTo("node-a");
        assertThat(source.get("container").get("pod_uuid").asString()).isEqualTo(POD);
        assertThat(event.get("unmapped").get("src_pod").asString()).isEqualTo("web-1");
        assertThat(event.get("unmapped").has("dst_pod")).isFalse();
        assertThat(event.get("unmapped").get("dst_process").get("name").asString())
                .isEqualTo("nginx");
        JsonNode destination = event.get("dst_endpoint");
        assertThat(destination.get("ip").asString()).isEqualTo("10.0.0.2");
        assertThat(destination.get("svc_name").asString()).isEqualTo("shop/cart-service");
        assertThat(event.get("actor").get("process").get("pid").asInt()).isEqualTo(4711);
        assertThat(event.get("connection_info").get("uid").asString()).isEqualTo("fffffffffffffffe");
        assertThat(event.get("connection_info").get("community_uid").asString()).startsWith("1:");
        assertThat(event.get("traffic").get("bytes_out").asLong()).isEqualTo(10);
        assertThat(event.get("traffic").get("bytes").asLong()).isEqualTo(30);
        assertThat(event.get("cumulative_traffic").get("bytes").asLong()).isEqualTo(300);
        assertThat(event.get("status_id").asInt()).isEqualTo(2);
        assertThat(event.get("status_code").asString()).isEqualTo("RESET");
        assertThat(event.get("time").asLong()).isEqualTo(START.toEpochMilli() + 2_000);
    }

    @Test
    void foldedEventHasCountAndTimes() {
        JsonNode event = ocsf(activity(null, event(Activity.OPEN, null, null, 12, ""), "Deployment"));

        assertThat(errors(event)).isEmpty();
        assertThat(event.get("count").asInt()).isEqualTo(12);
        assertThat(event.get("end_time").asLong() - event.get("start_time").asLong())
                .isEqualTo(event.get("duration").asLong())
                .isEqualTo(1_000);
        assertThat(event.has("cumulative_traffic")).isFalse();
    }

    @Test
    void ecsHasItsFields() {
        // When
        JsonNode event = json.valueToTree(new EcsMapper()
                .map(activity(-2L, event(Activity.REFUSE, client(POD), server(), 1, "REFUSED"), "external")));

        // Then
        assertThat(event.get("@timestamp").asString()).isEqualTo("2026-11-01T12:00:02Z");
        assertThat(event.get("event").get("category").get(0).asString()).isEqualTo("network");
        assertThat(event.get("event").get("action").asString()).isEqualTo("connection_refused");
        assertThat(event.get("event").get("outcome").asString()).isEqualTo("failure");
        assertThat(event.get("event").get("duration").asLong()).isEqualTo(2_000_000_000L);
        assertThat(event.get("network").get("transport").asString()).isEqualTo("tcp");
        assertThat(event.get("network").get("iana_number").asString()).isEqualTo("6");
        assertThat(event.get("network").get("direction").asString()).isEqualTo("outbound");
        assertThat(event.get("network").get("bytes").asLong()).isEqualTo(30);
        assertThat(event.get("source")).isEqualTo(event.get("client"));
        assertThat(event.get("source").get("ip").asString()).isEqualTo("10.0.0.1");
        assertThat(event.get("destination").get("bytes").asLong()).isEqualTo(20);
        assertThat(event.get("related").get("ip").size()).isEqualTo(2);
        assertThat(event.get("natator").get("source").get("pod").asString()).isEqualTo("web-1");
        assertThat(event.get("natator").get("source").get("pod_uid").asString()).isEqualTo(POD);
    }
}
