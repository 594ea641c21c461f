package io.natator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.enricher.ApiContract;
import io.natator.enricher.ApiContract.Caller;
import io.natator.enricher.ApiContract.Case;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the benchmarks' fake API server responds like a real API server to the requests that it supports. */
@Timeout(60)
class FakeApiServerTest {
    private static final String PODS = "/api/v1/pods";
    private static final String REPLICA_SETS = "/apis/apps/v1/replicasets";

    static Stream<Case> cases() {
        return Stream.of(
                        ApiContract.reads(REPLICA_SETS, PODS, "/api/v1/replicationcontrollers"),
                        ApiContract.watches(REPLICA_SETS, PODS))
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fulfilsTheContract(Case request) throws Exception {
        // Given
        var cluster = new FakeCluster(1, 11);
        try (var api = new FakeApiServer(cluster);
                HttpClient http = HttpClient.newHttpClient()) {
            api.send("pods", "MODIFIED", cluster.pod(1, 0, "Running"));
            api.send("replicasets", "MODIFIED", cluster.object(FakeCluster.Kind.REPLICASETS, 1));

            // When
            String response = ApiContract.response(
                    new ApiContract.Subject() {
                        @Override
                        public HttpClient http() {
                            return http;
                        }

                        @Override
                        public String url() {
                            return "http://127.0.0.1:" + api.port();
                        }

                        @Override
                        public void authorize(HttpRequest.Builder request, Caller caller) {
                            // no other callers are tested, because the fake API server accepts every caller
                        }
                    },
                    request,
                    "1");

            // Then
            assertThat(response).isEqualTo(request.response());
        }
    }
}
