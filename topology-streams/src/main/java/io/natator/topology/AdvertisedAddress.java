package io.natator.topology;

import io.natator.http.HttpSettings;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.streams.state.HostInfo;

/**
 * Decides the address at which other instances reach this one over HTTP. Kafka Streams distributes the address to all
 * instances (application.server).
 */
final class AdvertisedAddress {
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[^:\\[\\]\\s/]+)(?::([0-9]{1,5}))?");

    private AdvertisedAddress() {}

    static boolean isUsable(String configured) {
        Matcher matcher = HOST_AND_PORT.matcher(configured);
        return matcher.matches() && (matcher.group(2) == null || Integer.parseInt(matcher.group(2)) <= 65_535);
    }

    /**
     * The advertised address as {@code host:port}: the configured address if there is one, otherwise the address to
     * which the HTTP server is bound. If the server is bound to the wildcard address, the host is the address to which
     * this machine's name resolves (in a pod, the pod's address).
     *
     * @param configured {@code host} or {@code host:port}; empty to use the bound address
     * @param boundPort port of the HTTP server; used if the configured address has no port
     */
    static String of(Optional<String> configured, HttpSettings bound, int boundPort) {
        String host = configured.orElseGet(() -> host(bound.address()));
        Matcher matcher = HOST_AND_PORT.matcher(host);
        return matcher.matches() && matcher.group(2) != null ? host : host + ":" + boundPort;
    }

    private static String host(String bound) {
        try {
            InetAddress address = InetAddress.getByName(bound);
            String text = (address.isAnyLocalAddress() ? InetAddress.getLocalHost() : address).getHostAddress();
            return text.contains(":") ? "[" + text + "]" : text;
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** The base URI of an instance. An IPv6 address is put in brackets. */
    static URI uri(String scheme, HostInfo instance) {
        String host = instance.host();
        boolean bare = host.contains(":") && !host.startsWith("[");
        return URI.create(scheme + "://" + (bare ? "[" + host + "]" : host) + ":" + instance.port());
    }
}
