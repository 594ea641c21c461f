package io.natator.helm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What service accounts asked the API server for, except those of {@code kube-system}: the API server's audit log. */
record AuditLog(Path policy, Path file) {
    private static final String POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
              - level: None
                userGroups: ["system:serviceaccounts:kube-system"]
              - level: Metadata
                userGroups: ["system:serviceaccounts"]
            """;

    /**
     * A request.
     *
     * @param verb as in RBAC rules, such as {@code watch}
     * @param resource {@code group/plural}; the group is empty for the core API. Empty for what is no resource
     * @param namespace empty for all of them
     * @param status of HTTP
     */
    record Call(String verb, String resource, String namespace, int status) {}

    static AuditLog in(Path folder) throws IOException {
        return new AuditLog(
                Files.writeString(folder.resolve("audit-policy.yaml"), POLICY), folder.resolve("audit.log"));
    }

    /** The API server's flags. */
    List<String> flags() {
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + file);
    }

    /** What an account has asked for so far; a watch from its start on. */
    List<Call> of(String namespace, String account) {
        String user = "system:serviceaccount:" + namespace + ":" + account;
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(JsonMapper.shared()::readTree)
                    .filter(event ->
                            event.path("user").path("username").asString("").equals(user))
                    .map(AuditLog::call)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Call call(JsonNode event) {
        JsonNode object = event.path("objectRef");
        return new Call(
                event.path("verb").asString(),
                object.has("resource")
                        ? object.path("apiGroup").asString("") + "/"
                                + object.path("resource").asString()
                        : "",
                object.path("namespace").asString(""),
                event.path("responseStatus").path("code").asInt());
    }
}
