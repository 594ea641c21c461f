package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.natator.enricher.ownership.ClusterObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what the parser reads from objects of the API. */
class ClusterObjectParserTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final List<ExclusionReason> exclusions = new ArrayList<>();
    private final ClusterObjectParser parser = new ClusterObjectParser(
            InstantSource.fixed(NOW),
            (kind, reason) -> exclusions.add(reason),
            new WorkloadNaming(List.of("app.kubernetes.io/name", "app")));

    private ClusterObject parsed(WatchedKind kind, String content) {
        String json = "{\"kind\":\"" + kind.kind() + "\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\","
                + "\"namespace\":\"shop\",\"uid\":\"u1\",\"labels\":{\"kubernetes.io/service-name\":\"cart\"}},"
                + content
                + "}";
        return parser.parse(kind, Serialization.unmarshal(json, Map.class)).orElseThrow();
    }

    private ClusterObject.Pod pod(String status) {
        return (ClusterObject.Pod) parsed(WatchedKind.POD, "\"spec\":{},\"status\":{" + status + "}");
    }

    private ClusterObject.Service service(String spec) {
        return (ClusterObject.Service) parsed(WatchedKind.SERVICE, "\"spec\":{" + spec + "}");
    }

    private ClusterObject.EndpointSlice slice(String content) {
        return (ClusterObject.EndpointSlice) parsed(WatchedKind.ENDPOINT_SLICE, content);
    }

    @ParameterizedTest
    @CsvSource({
        "Pending, false",
        "Running, false",
        "Succeeded, true",
        "Failed, true",
        "Unknown, false",
        "'', false",
        "Odd, false"
    })
    void podIsFinishedByItsPhase(String phase, boolean finished) {
        assertThat(pod("\"phase\":\"" + phase + "\",\"podIP\":\"10.0.0.1\"")
                        .lifecycle()
                        .finished())
                .isEqualTo(finished);
    }

    @Test
    void podHasAllItsAddressesOfBothFamilies() {
        ClusterObject.Pod pod = pod("\"podIP\":\"10.0.0.1\",\"podIPs\":[{\"ip\":\"10.0.0.1\"},{\"ip\":\"FD00:0::1\"}]");

        assertThat(pod.network().addresses()).containsExactlyInAnyOrder("10.0.0.1", "fd00::1");
    }

    @ParameterizedTest
    @CsvSource({"initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"})
    void runningContainerOfAnyKindHoldsTheAddressSinceItsStart(String kind) {
        ClusterObject.Pod pod = pod("\"phase\":\"Failed\",\"podIP\":\"10.0.0.1\",\"" + kind
                + "\":[{\"name\":\"c\",\"state\":{\"running\":{\"startedAt\":\"2026-03-01T10:00:05Z\"}}}]");

        assertThat(pod.lifecycle().finished()).isFalse();
        assertThat(pod.lifecycle().running()).isEqualTo("2026-03-01T10:00:05Z");
    }

    @Test
    void podThatFailedInAnInitContainerEndedThen() {
        ClusterObject.Pod pod =
                pod("\"phase\":\"Failed\",\"podIP\":\"10.0.0.1\",\"initContainerStatuses\":[{\"state\":{\"terminated\":"
                        + "{\"startedAt\":\"2026-03-01T10:00:05Z\",\"finishedAt\":\"2026-03-01T10:00:09Z\"}}}]");

        assertThat(pod.lifecycle().finished()).isTrue();
        assertThat(pod.lifecycle().ended()).isEqualTo("2026-03-01T10:00:09Z");
    }

    @Test
    void podEndsWithItsLastContainer() {
        ClusterObject.Pod pod = pod("\"phase\":\"Succeeded\",\"podIP\":\"10.0.0.1\","
                + "\"containerStatuses\":[{\"state\":{\"terminated\":{\"finishedAt\":\"2026-03-01T10:00:07Z\"}}}],"
                + "\"ephemeralContainerStatuses\":[{\"state\":{\"terminated\":{\"finishedAt\":\"2026-03-01T10:00:08Z\"}}}],"
                + "\"initContainerStatuses\":[{\"state\":{\"terminated\":{\"finishedAt\":\"2026-03-01T10:00:01Z\"}}}]");

        assertThat(pod.lifecycle().ended()).isEqualTo("2026-03-01T10:00:08Z");
    }

    @Test
    void serviceHasItsNodePorts() {
        ClusterObject.Service service = service(
                "\"type\":\"NodePort\",\"clusterIP\":\"10.96.0.1\",\"ports\":["
                        + "{\"port\":80,\"nodePort\":30080},{\"port\":53,\"protocol\":\"UDP\",\"nodePort\":30053},"
                        + "{\"port\":81},{\"nodePort\":\"30081\"},{\"nodePort\":70000},{\"nodePort\":-1},{\"nodePort\":0},null,7]");

        assertThat(service.nodePorts()).containsExactlyInAnyOrder("tcp/30080", "udp/30053");
        assertThat(service.clusterAddresses()).containsExactly("10.96.0.1");
    }

    @Test
    void serviceHasItsPortsAndTheHostNamesOfItsLoadBalancers() {
        var service = (ClusterObject.Service) parsed(
                WatchedKind.SERVICE,
                "\"spec\":{\"ports\":[{\"port\":443,\"name\":\"https\"},{\"port\":53,\"protocol\":\"UDP\"}]},"
                        + "\"status\":{\"loadBalancer\":{\"ingress\":["
                        + "{\"hostname\":\"A1.Elb.example.org\"},{\"hostname\":\"\"},{\"ip\":\"203.0.113.9\"}]}}");

        assertThat(service.ports()).isEqualTo(Map.of("udp/53", "", "tcp/443", "https"));
        assertThat(service.hostNames()).containsExactly("a1.elb.example.org");
        assertThat(service.externalAddresses()).containsExactly("203.0.113.9");
        assertThat(exclusions).isEmpty();
    }

    @Test
    void malformedNetworkStatusIsCountedAndTheRestOfThePodIsRead() {
        String json = "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"uid\":\"u1\",\"annotations\":{"
                + "\"k8s.v1.cni.cncf.io/network-status\":\"no json\"}},\"status\":{\"podIP\":\"10.0.0.1\"}}";

        var pod = (ClusterObject.Pod) parser.parse(WatchedKind.POD, Serialization.unmarshal(json, Map.class))
                .orElseThrow();

        assertThat(pod.network().addresses()).containsExactly("10.0.0.1");
        assertThat(pod.network().secondary()).isEmpty();
        assertThat(exclusions).containsExactly(ExclusionReason.ANNOTATION);
    }

    @Test
    void headlessServiceHasNoAddress() {
        ClusterObject.Service service = service("\"clusterIP\":\"None\",\"clusterIPs\":[\"None\"]");

        assertThat(service.clusterAddresses()).isEmpty();
        assertThat(exclusions).isEmpty();
    }

    @Test
    void sliceHasThePodsOfItsEndpoints() {
        ClusterObject.EndpointSlice slice = slice("\"addressType\":\"IPv4\",\"endpoints\":["
                + "{\"addresses\":[\"10.0.0.1\"],\"targetRef\":{\"kind\":\"Pod\",\"uid\":\"p1\"}},"
                + "{\"addresses\":[\"10.0.0.2\"],\"targetRef\":{\"kind\":\"Pod\",\"uid\":\"p2\"}}]");

        assertThat(slice.service()).isEqualTo("cart");
        assertThat(slice.pods()).containsExactlyInAnyOrder("p1", "p2");
        assertThat(slice.onlyPods()).isTrue();
        assertThat(slice.addresses()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"addresses\":[\"10.9.9.9\"]}                                        | true",
                "{\"addresses\":[\"10.9.9.9\"],\"targetRef\":{\"kind\":\"Node\",\"uid\":\"n1\"}} | false",
                "{\"addresses\":[\"10.9.9.9\"],\"targetRef\":{\"kind\":\"Pod\",\"name\":\"p\"}}  | false",
                "{\"addresses\":\"10.9.9.9\",\"targetRef\":[]}                         | false"
            })
    void endpointWithoutAPodUidIsNoPod(String endpoint, boolean ownAddress) {
        ClusterObject.EndpointSlice slice = slice("\"addressType\":\"IPv4\",\"endpoints\":["
                + "{\"addresses\":[\"10.0.0.1\"],\"targetRef\":{\"kind\":\"Pod\",\"uid\":\"p1\"}}," + endpoint + "]");

        assertThat(slice.onlyPods()).isFalse();
        assertThat(slice.addresses()).hasSize(ownAddress ? 1 : 0);
    }

    @Test
    void sliceOfDomainNamesHasNoAddresses() {
        ClusterObject.EndpointSlice slice =
                slice("\"addressType\":\"FQDN\",\"endpoints\":[{\"addresses\":[\"db.example.org\"]}]");

        assertThat(slice.addresses()).isEmpty();
        assertThat(slice.onlyPods()).isFalse();
        assertThat(exclusions).isEmpty();
    }
}
