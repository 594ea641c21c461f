package io.natator.topology;

import io.natator.http.HttpSettings;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.streams.state.HostInfo;

/** Where the other instances reach this one over HTTP; the group tells them (application.server). */
final class AdvertisedAddress {
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[^:\\[\\]\\s/]+)(?::([0-9]{1,5}))?");

    private AdvertisedAddress() {}

    static boolean isUsable(String configured) {
        Matcher matcher = HOST_AND_PORT.matcher(configured);
        return matcher.matches() && (matcher.group(2) == null || Integer.parseInt(matcher.group(2)) <= 65_535);
    }

    /**
     * As {@code host:port}: what is configured, else what is bound, else the address of this machine's name, which in a pod
     * is the pod's.
     *
     * @param boundPort the port where none is configured
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

    /** Where an instance answers. */
    static URI uri(String scheme, HostInfo instance) {
        String host = instance.host();
        boolean bare = host.contains(":") && !host.startsWith("[");
        return URI.create(scheme + "://" + (bare ? "[" + host + "]" : host) + ":" + instance.port());
    }
}
