package io.natator.helm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The custom resources of the chart, with only the fields that the chart sets: those of Prometheus Operator ({@code
 * monitoring.coreos.com/v1}) and of Strimzi ({@code kafka.strimzi.io/v1} and {@code v1beta2}).
 */
final class CustomResources {
    private CustomResources() {}

    record Metadata(
            String name,
            String namespace,
            Map<String, String> labels,
            @Nullable Map<String, String> annotations) {}

    record LabelSelector(Map<String, String> matchLabels) {}

    record PodMonitor(String apiVersion, String kind, Metadata metadata, PodMonitorSpec spec) {}

    record PodMonitorSpec(LabelSelector selector, List<PodMetricsEndpoint> podMetricsEndpoints) {}

    record PodMetricsEndpoint(
            String port,
            String path,
            String interval,
            String scrapeTimeout,
            @Nullable String scheme,
            @Nullable Map<String, Object> tlsConfig,
            @Nullable EndpointAuthorization authorization,
            List<Relabeling> relabelings) {}

    record EndpointAuthorization(@Nullable String type, SecretKeySelector credentials) {}

    record SecretKeySelector(String name, String key) {}

    record Relabeling(
            @Nullable List<String> sourceLabels,
            String targetLabel,
            @Nullable String replacement,
            @Nullable String action) {}

    record PrometheusRule(String apiVersion, String kind, Metadata metadata, RuleGroups spec) {}

    record RuleGroups(List<RuleGroup> groups) {}

    record RuleGroup(String name, List<Rule> rules) {}

    record Rule(
            String alert,
            String expr,
            @JsonProperty("for") @Nullable String pending,
            Map<String, String> labels,
            Map<String, String> annotations) {}

    record KafkaTopic(String apiVersion, String kind, Metadata metadata, KafkaTopicSpec spec) {}

    record KafkaTopicSpec(
            String topicName, int partitions, @Nullable Integer replicas, Map<String, Object> config) {}

    record KafkaUser(String apiVersion, String kind, Metadata metadata, KafkaUserSpec spec) {}

    record KafkaUserSpec(Authentication authentication, Authorization authorization) {}

    record Authentication(String type) {}

    record Authorization(String type, List<Acl> acls) {}

    record Acl(AclResource resource, List<AclOperation> operations) {}

    record AclResource(AclResourceType type, String name, PatternType patternType) {}

    /** The types of resources in Strimzi's ACLs, in Strimzi's spelling. */
    enum AclResourceType {
        topic,
        group,
        transactionalId
    }

    enum PatternType {
        literal,
        prefix
    }

    enum AclOperation {
        Read,
        Write,
        Create,
        Delete,
        Alter,
        Describe,
        AlterConfigs,
        DescribeConfigs
    }
}
