package io.natator.schemas;

import java.util.Optional;

/**
 * The Service to which a client connected: the field {@code via} of {@link LinkKey}, such as {@code shop/cart:80}.
 *
 * @param namespace namespace of the Service
 * @param name name of the Service
 * @param port port to which the client connected, 1 to 65535: the Service's port, or its node port
 */
public record Via(String namespace, String name, int port) {
    /** Parses the text of a link. Empty if the client connected to the server directly. */
    public static Optional<Via> parse(String text) {
        int slash = text.indexOf('/');
        int colon = text.indexOf(':', slash + 1);
        if (slash < 0 || colon < 0) {
            return Optional.empty();
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return Optional.of(new Via(text.substring(0, slash), text.substring(slash + 1, colon), port));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The Service without the port, such as {@code shop/cart}. */
    public String service() {
        return namespace + "/" + name;
    }

    /** The text of a link's field {@code via}, such as {@code shop/cart:80}. */
    @Override
    public String toString() {
        return service() + ":" + port;
    }
}
