package io.natator.topology.siem;

import io.natator.schemas.Via;
import io.natator.schemas.Workload;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.link.TimeSpan;
import io.natator.topology.link.Traffic;
import io.natator.topology.siem.NetworkActivity.Direction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Maps activity events to OCSF 1.8 Network Activity (category 4, class 4001). The host profile contains the client's
 * process, and the container profile contains the containers of both endpoints. The source is the client, and the
 * destination is the server. Bytes are payload bytes, and packets are segments. Values for which OCSF has no attribute
 * in this class are under {@code unmapped}: the complete workloads, the names of the pods, and the server's process.
 */
final class OcsfMapper {
    private static final String VERSION = "1.8.0";
    private static final int CATEGORY = 4;
    private static final int CLASS = 4001;
    private static final int INFORMATIONAL = 1;
    private static final int IP_OBSERVABLE = 2;
    private static final Pattern UUID =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private final String productVersion;

    OcsfMapper(String productVersion) {
        this.productVersion = productVersion;
    }

    Map<String, Object> map(NetworkActivity activity) {
        ConnectionEvent event = activity.event();
        @Nullable FiveTuple tuple = FiveTuple.of(event.ends()).orElse(null);
        var view = new LinkedHashMap<String, Object>();
        view.put("activity_id", ActivityCodes.ocsfId(event.activity()));
        view.put("activity_name", ActivityCodes.caption(event.activity()));
        view.put("category_uid", CATEGORY);
        view.put("category_name", "Network Activity");
        view.put("class_uid", CLASS);
        view.put("class_name", "Network Activity");
        view.put("type_uid", CLASS * 100 + ActivityCodes.ocsfId(event.activity()));
        view.put("type_name", "Network Activity: " + ActivityCodes.caption(event.activity()));
        view.put("severity_id", INFORMATIONAL);
        view.put("severity", "Informational");
        view.put("time", millis(event.times().at()));
        view.put("timezone_offset", 0);
        putStatus(view, event);
        view.put("message", activity.message());
        view.put("metadata", metadata(activity));
        if (event.count() > 1) {
            view.put("count", event.count());
            view.put("start_time", millis(event.times().since()));
            view.put("end_time", millis(event.times().at()));
            view.put(
                    "duration",
                    millis(event.times().at()) - millis(event.times().since()));
        }
        view.put("is_src_dst_assignment_known", true);
        view.put("connection_info", connection(activity, tuple));
        view.put(
                "src_endpoint",
                endpoint(
                        activity.link().getClient(),
                        event.ends().client(),
                        tuple == null ? null : tuple.sourceText(),
                        tuple == null ? null : tuple.source().port()));
        Map<String, Object> destination = endpoint(
                activity.link().getServer(),
                event.ends().server(),
                tuple == null ? null : tuple.destinationText(),
                activity.link().getServerPort());
        Via.parse(activity.link().getVia()).ifPresent(via -> destination.put("svc_name", via.service()));
        view.put("dst_endpoint", destination);
        view.put(
                "traffic",
                traffic(
                        event.delta(),
                        TimeSpan.from(event.times().since()).until(event.times().at())));
        if (activity.connection() != null) {
            view.put(
                    "cumulative_traffic",
                    traffic(
                            event.total(),
                            TimeSpan.from(event.times().startedAt())
                                    .until(event.times().at())));
        }
        view.put("observation_point_id", observationPoint(event));
        putProcess(view, event.ends().client());
        if (tuple != null) {
            view.put("observables", observables(tuple));
        }
        view.put("unmapped", unmapped(activity));
        return view;
    }

    private static void putStatus(Map<String, Object> view, ConnectionEvent event) {
        boolean unknown = event.reason().equals(ConnectionEvent.REPORTS_CEASED);
        view.put("status_id", unknown ? 0 : event.activity().isFailure() ? 2 : 1);
        view.put("status", unknown ? "Unknown" : event.activity().isFailure() ? "Failure" : "Success");
        if (!event.reason().isEmpty()) {
            view.put("status_code", event.reason());
        }
    }

    private Map<String, Object> metadata(NetworkActivity activity) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("version", VERSION);
        metadata.put("product", Map.of("name", "Natator", "vendor_name", "Natator", "version", productVersion));
        metadata.put("profiles", List.of("container", "host"));
        metadata.put("log_name", "network-activity");
        activity.uid().ifPresent(uid -> metadata.put("correlation_uid", uid));
        return metadata;
    }

    private static Map<String, Object> connection(NetworkActivity activity, @Nullable FiveTuple tuple) {
        var connection = new LinkedHashMap<String, Object>();
        activity.uid().ifPresent(uid -> connection.put("uid", uid));
        if (tuple != null) {
            tuple.communityId().ifPresent(id -> connection.put("community_uid", id));
            connection.put("protocol_ver_id", tuple.ipVersion());
        }
        int protocol = FiveTuple.number(activity.link().getProtocol());
        if (protocol != 0) {
            connection.put("protocol_num", protocol);
            connection.put("protocol_name", activity.link().getProtocol().name().toLowerCase(Locale.ROOT));
        }
        Direction direction = activity.direction();
        connection.put("direction_id", directionId(direction));
        connection.put("direction", directionName(direction));
        connection.put("boundary_id", direction == Direction.INTERNAL ? 2 : 3);
        connection.put("boundary", direction == Direction.INTERNAL ? "Internal" : "External");
        return connection;
    }

    private static int directionId(Direction direction) {
        return switch (direction) {
            case INBOUND -> 1;
            case OUTBOUND -> 2;
            case INTERNAL -> 3;
        };
    }

    private static String directionName(Direction direction) {
        return switch (direction) {
            case INBOUND -> "Inbound";
            case OUTBOUND -> "Outbound";
            case INTERNAL -> "Lateral";
        };
    }

    private static Map<String, Object> endpoint(
            Workload workload, @Nullable ConnectionEnd end, @Nullable String address, @Nullable Integer port) {
        var view = new LinkedHashMap<String, Object>();
        view.put("name", workload.getName());
        if (address != null) {
            view.put("ip", address);
        }
        if (port != null) {
            view.put("port", port);
        }
        if (!workload.getZone().isEmpty()) {
            view.put("zone", workload.getZone());
        }
        if (end != null) {
            view.put("hostname", end.process().node());
            if (end.podUid() != null) {
                view.put("instance_uid", end.podUid());
            }
            if (end.process().containerId() != null) {
                view.put("container", container(end.process().containerId(), end.podUid()));
            }
        }
        return view;
    }

    private static Map<String, Object> container(String id, @Nullable String podUid) {
        var container = new LinkedHashMap<String, Object>();
        container.put("uid", id);
        if (podUid != null) {
            container.put("orchestrator", "Kubernetes");
            // Not every UID is published: the UID of a static pod is a hash, but the schema requires a UUID.
            if (UUID.matcher(podUid).matches()) {
                container.put("pod_uuid", podUid);
            }
        }
        return container;
    }

    private static Map<String, Object> traffic(Traffic sum, TimeSpan span) {
        var traffic = new LinkedHashMap<String, Object>();
        traffic.put("bytes", sum.bytes());
        traffic.put("bytes_out", sum.bytesToServer());
        traffic.put("bytes_in", sum.bytesToClient());
        traffic.put("packets", sum.segments());
        traffic.put("packets_out", sum.segmentsToServer());
        traffic.put("packets_in", sum.segmentsToClient());
        traffic.put("start_time", millis(span.from()));
        traffic.put("end_time", millis(span.until()));
        return traffic;
    }

    private static int observationPoint(ConnectionEvent event) {
        if (event.ends().client() != null) {
            return event.ends().server() != null ? 4 : 1;
        }
        return event.ends().server() != null ? 2 : 0;
    }

    private static void putProcess(Map<String, Object> view, @Nullable ConnectionEnd client) {
        // The schema requires a process id, so a process whose id is unknown is not published.
        if (client != null && client.process().pid() > 0) {
            view.put("actor", Map.of("process", process(client)));
        }
    }

    private static Map<String, Object> process(ConnectionEnd end) {
        var process = new LinkedHashMap<String, Object>();
        process.put("name", end.process().command());
        process.put("pid", end.process().pid());
        return process;
    }

    private static List<Map<String, Object>> observables(FiveTuple tuple) {
        List<Map<String, Object>> observables = new ArrayList<>();
        observables.add(observable("src_endpoint.ip", tuple.sourceText()));
        observables.add(observable("dst_endpoint.ip", tuple.destinationText()));
        return observables;
    }

    private static Map<String, Object> observable(String name, String address) {
        var observable = new LinkedHashMap<String, Object>();
        observable.put("name", name);
        observable.put("type_id", IP_OBSERVABLE);
        observable.put("type", "IP Address");
        observable.put("value", address);
        return observable;
    }

    private static Map<String, Object> unmapped(NetworkActivity activity) {
        var unmapped = new LinkedHashMap<String, Object>();
        unmapped.put("src_workload", workload(activity.link().getClient()));
        unmapped.put("dst_workload", workload(activity.link().getServer()));
        if (activity.clientPod() != null) {
            unmapped.put("src_pod", activity.clientPod());
        }
        if (activity.serverPod() != null) {
            unmapped.put("dst_pod", activity.serverPod());
        }
        ConnectionEnd server = activity.event().ends().server();
        if (server != null && server.process().pid() > 0) {
            unmapped.put("dst_process", process(server));
        }
        return unmapped;
    }

    private static Map<String, Object> workload(Workload workload) {
        var view = new LinkedHashMap<String, Object>();
        view.put("name", workload.getName());
        view.put("namespace", workload.getNamespace());
        view.put("kind", workload.getKind());
        if (!workload.getCluster().isEmpty()) {
            view.put("cluster", workload.getCluster());
        }
        view.put("zone", workload.getZone());
        view.put("region", workload.getRegion());
        return view;
    }

    static long millis(long micros) {
        return Math.floorDiv(micros, 1000);
    }
}
