package io.natator.helm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the requests of service accounts from the API server's audit log, without those of {@code kube-system}. */
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
     * A request in the audit log.
     *
     * @param verb the verb of RBAC rules, such as {@code watch}
     * @param resource {@code group/plural}; the group is empty for the core API. Empty if the request is for no
     *     resource
     * @param namespace empty for all namespaces
     * @param status HTTP status of the response
     */
    record Call(String verb, String resource, String namespace, int status) {}

    static AuditLog in(Path folder) throws IOException {
        return new AuditLog(
                Files.writeString(folder.resolve("audit-policy.yaml"), POLICY), folder.resolve("audit.log"));
    }

    /** The flags with which the API server writes this audit log. */
    List<String> flags() {
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + file);
    }

    /** The requests of a service account so far, including watches that are still open. */
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
