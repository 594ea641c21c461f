package io.natator.topology.siem;

import io.natator.schemas.Workload;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as Elastic Common Schema: source and client are the same end, and so are destination and server. {@code
 * network.bytes} is what is new since the event before; the totals are in {@code natator.total}.
 */
final class EcsMapper {
    private static final String VERSION = "9.0.0";
    private static final long NANOS_PER_MICRO = 1000;

    Map<String, Object> map(NetworkActivity activity) {
        ConnectionEvent event = activity.event();
        @Nullable FiveTuple tuple = FiveTuple.of(event).orElse(null);
        var view = new LinkedHashMap<String, Object>();
        view.put("@timestamp", time(event.at()));
        view.put("ecs", Map.of("version", VERSION));
        view.put("message", activity.message());
        view.put("event", event(event));
        view.put("network", network(activity, tuple));
        Volume delta = event.delta();
        Map<String, Object> source = end(
                activity.link().getClient(),
                tuple == null ? null : tuple.sourceText(),
                tuple == null ? null : tuple.sourcePort(),
                delta.bytesToServer(),
                delta.segmentsToServer());
        Map<String, Object> destination = end(
                activity.link().getServer(),
                tuple == null ? null : tuple.destinationText(),
                activity.link().getServerPort(),
                delta.bytesToClient(),
                delta.segmentsToClient());
        view.put("source", source);
        view.put("client", source);
        view.put("destination", destination);
        view.put("server", destination);
        if (tuple != null) {
            view.put("related", Map.of("ip", List.of(tuple.sourceText(), tuple.destinationText())));
        }
        Party client = event.client();
        if (client != null && client.pid() > 0) {
            view.put(
                    "process",
                    Map.of("pid", client.pid(), "name", client.endpoint().command()));
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
        view.put("start", time(event.startedAt()));
        view.put("end", time(event.at()));
        view.put("duration", (event.at() - event.startedAt()) * NANOS_PER_MICRO);
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
        Volume delta = activity.event().delta();
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
        view.put(
                "direction",
                activity.serverIsOutside() ? "outbound" : activity.clientIsOutside() ? "inbound" : "internal");
        view.put("bytes", delta.bytesToServer() + delta.bytesToClient());
        view.put("packets", delta.segmentsToServer() + delta.segmentsToClient());
        return view;
    }

    private static Map<String, Object> end(
            Workload workload, @Nullable String address, @Nullable Integer port, long bytes, long packets) {
        var view = new LinkedHashMap<String, Object>();
        view.put("address", address == null ? workload.getName() : address);
        if (address != null) {
            view.put("ip", address);
        }
        if (port != null) {
            view.put("port", port);
        }
        view.put("bytes", bytes);
        view.put("packets", packets);
        return view;
    }

    /** What ECS has one place for, and a connection two ends. */
    private static Map<String, Object> natator(NetworkActivity activity) {
        ConnectionEvent event = activity.event();
        var view = new LinkedHashMap<String, Object>();
        activity.uid().ifPresent(uid -> view.put("connection", uid));
        view.put("count", event.count());
        view.put("source", party(activity.link().getClient(), event.client(), activity.clientPod()));
        view.put("destination", party(activity.link().getServer(), event.server(), activity.serverPod()));
        if (!activity.link().getVia().isEmpty()) {
            view.put("via", activity.link().getVia());
        }
        if (activity.connection() != null) {
            Volume total = event.total();
            var totals = new LinkedHashMap<String, Object>();
            totals.put("source_bytes", total.bytesToServer());
            totals.put("destination_bytes", total.bytesToClient());
            view.put("total", totals);
        }
        return view;
    }

    private static Map<String, Object> party(Workload workload, @Nullable Party party, @Nullable String pod) {
        var view = new LinkedHashMap<String, Object>();
        view.put("workload", workload.getName());
        view.put("namespace", workload.getNamespace());
        view.put("kind", workload.getKind());
        view.put("zone", workload.getZone());
        if (party != null) {
            view.put("node", party.endpoint().node());
            view.put("process", party.endpoint().command());
            view.put("pid", party.pid());
            if (pod != null) {
                view.put("pod", pod);
            }
            if (party.endpoint().podUid() != null) {
                view.put("pod_uid", party.endpoint().podUid());
            }
            if (party.containerId() != null) {
                view.put("container_id", party.containerId());
            }
        }
        return view;
    }

    private static String time(long micros) {
        return Instant.ofEpochMilli(OcsfMapper.millis(micros)).toString();
    }
}
