package io.natator.topology.siem;

import io.natator.schemas.Workload;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.link.Traffic;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Maps activity events to the Elastic Common Schema. The source is the client, and the destination is the server.
 * {@code network.bytes} counts the payload bytes since the previous event of the connection. {@code natator.total}
 * counts the payload bytes since the start of the connection.
 */
final class EcsMapper {
    private static final String VERSION = "9.0.0";
    private static final long NANOS_PER_MICRO = 1000;

    Map<String, Object> map(NetworkActivity activity) {
        ConnectionEvent event = activity.event();
        @Nullable FiveTuple tuple = FiveTuple.of(event.ends()).orElse(null);
        var view = new LinkedHashMap<String, Object>();
        view.put("@timestamp", time(event.times().at()));
        view.put("ecs", Map.of("version", VERSION));
        view.put("message", activity.message());
        view.put("event", event(event));
        view.put("network", network(activity, tuple));
        Traffic delta = event.delta();
        Map<String, Object> source = end(
                activity.link().getClient(),
                tuple == null ? null : tuple.sourceText(),
                tuple == null ? null : tuple.source().port(),
                Sent.byClient(delta));
        Map<String, Object> destination = end(
                activity.link().getServer(),
                tuple == null ? null : tuple.destinationText(),
                activity.link().getServerPort(),
                Sent.byServer(delta));
        view.put("source", source);
        view.put("client", source);
        view.put("destination", destination);
        view.put("server", destination);
        if (tuple != null) {
            view.put("related", Map.of("ip", List.of(tuple.sourceText(), tuple.destinationText())));
        }
        ConnectionEnd client = event.ends().client();
        if (client != null && client.process().pid() > 0) {
            view.put(
                    "process",
                    Map.of(
                            "pid",
                            client.process().pid(),
                            "name",
                            client.process().command()));
        }
        view.put("natator", natator(activity));
        return view;
    }

    private static Map<String, Object> event(ConnectionEvent event) {
        var view = new LinkedHashMap<String, Object>();
        view.put("kind", "event");
        view.put("category", List.of("network"));
        view.put("type", types(event.activity()));
        view.put("action", ActivityCodes.ecsAction(event.activity()));
        view.put("dataset", "natator.network_activity");
        view.put("start", time(event.times().startedAt()));
        view.put("end", time(event.times().at()));
        view.put("duration", (event.times().at() - event.times().startedAt()) * NANOS_PER_MICRO);
        view.put(
                "outcome",
                event.reason().equals(ConnectionEvent.REPORTS_CEASED)
                        ? "unknown"
                        : event.activity().isFailure() ? "failure" : "success");
        if (!event.reason().isEmpty()) {
            view.put("reason", event.reason());
        }
        return view;
    }

    private static List<String> types(Activity activity) {
        return switch (activity) {
            case OPEN -> List.of("connection", "start");
            case CLOSE, RESET -> List.of("connection", "end");
            case FAIL -> List.of("connection", "error");
            case REFUSE -> List.of("connection", "denied");
            case TRAFFIC -> List.of("connection", "info");
        };
    }

    private static Map<String, Object> network(NetworkActivity activity, @Nullable FiveTuple tuple) {
        Traffic delta = activity.event().delta();
        var view = new LinkedHashMap<String, Object>();
        if (tuple != null) {
            view.put("type", tuple.ipVersion() == 4 ? "ipv4" : "ipv6");
            tuple.communityId().ifPresent(id -> view.put("community_id", id));
        }
        int protocol = FiveTuple.number(activity.link().getProtocol());
        if (protocol != 0) {
            view.put("transport", activity.link().getProtocol().name().toLowerCase(Locale.ROOT));
            view.put("iana_number", Integer.toString(protocol));
        }
        view.put("direction", activity.direction().name().toLowerCase(Locale.ROOT));
        view.put("bytes", delta.bytes());
        view.put("packets", delta.segments());
        return view;
    }

    /** Payload bytes and segments that one end sent since the previous event of the connection. */
    private record Sent(long bytes, long packets) {
        static Sent byClient(Traffic delta) {
            return new Sent(delta.bytesToServer(), delta.segmentsToServer());
        }

        static Sent byServer(Traffic delta) {
            return new Sent(delta.bytesToClient(), delta.segmentsToClient());
        }
    }

    private static Map<String, Object> end(
            Workload workload, @Nullable String address, @Nullable Integer port, Sent sent) {
        var view = new LinkedHashMap<String, Object>();
        view.put("address", address == null ? workload.getName() : address);
        if (address != null) {
            view.put("ip", address);
        }
        if (port != null) {
            view.put("port", port);
        }
        view.put("bytes", sent.bytes());
        view.put("packets", sent.packets());
        return view;
    }

    /**
     * Values under {@code natator}: those for which ECS has no field, and those for which ECS has one field although
     * each end has its own value.
     */
    private static Map<String, Object> natator(NetworkActivity activity) {
        ConnectionEvent event = activity.event();
        var view = new LinkedHashMap<String, Object>();
        activity.uid().ifPresent(uid -> view.put("connection", uid));
        view.put("count", event.count());
        view.put("source", details(activity.link().getClient(), event.ends().client(), activity.clientPod()));
        view.put(
                "destination", details(activity.link().getServer(), event.ends().server(), activity.serverPod()));
        if (!activity.link().getVia().isEmpty()) {
            view.put("via", activity.link().getVia());
        }
        if (activity.connection() != null) {
            Traffic total = event.total();
            var totals = new LinkedHashMap<String, Object>();
            totals.put("source_bytes", total.bytesToServer());
            totals.put("destination_bytes", total.bytesToClient());
            view.put("total", totals);
        }
        return view;
    }

    private static Map<String, Object> details(Workload workload, @Nullable ConnectionEnd end, @Nullable String pod) {
        var view = new LinkedHashMap<String, Object>();
        view.put("workload", workload.getName());
        view.put("namespace", workload.getNamespace());
        view.put("kind", workload.getKind());
        if (!workload.getCluster().isEmpty()) {
            view.put("cluster", workload.getCluster());
        }
        view.put("zone", workload.getZone());
        if (end != null) {
            view.put("node", end.process().node());
            view.put("process", end.process().command());
            view.put("pid", end.process().pid());
            if (pod != null) {
                view.put("pod", pod);
            }
            if (end.podUid() != null) {
                view.put("pod_uid", end.podUid());
            }
            if (end.process().containerId() != null) {
                view.put("container_id", end.process().containerId());
            }
        }
        return view;
    }

    private static String time(long micros) {
        return Instant.ofEpochMilli(OcsfMapper.millis(micros)).toString();
    }
}
