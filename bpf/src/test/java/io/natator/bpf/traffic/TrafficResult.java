package io.natator.bpf.traffic;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What an application knows about one end of a connection.
 *
 * @param client whether this end connected
 * @param id the same on both ends
 * @param local the application's own end
 * @param remote the peer, as the application sees it
 * @param bytes what it transferred
 * @param closed whether it has closed the connection
 */
public record TrafficResult(
        boolean client, long id, ClosingMode mode, End local, End remote, Bytes bytes, boolean closed) {

    /** An address and a port. */
    public record End(InetAddress address, int port) {}

    /**
     * What an application transferred.
     *
     * @param written bytes that write calls accepted
     * @param read bytes that read calls returned
     */
    public record Bytes(long written, long read) {}

    /** Bytes that write calls accepted. */
    public long written() {
        return bytes.written;
    }

    /** Bytes that read calls returned. */
    public long read() {
        return bytes.read;
    }

    String line() {
        return String.join(
                " ",
                Boolean.toString(client),
                Long.toString(id),
                mode.name(),
                local.address.getHostAddress(),
                Integer.toString(local.port),
                remote.address.getHostAddress(),
                Integer.toString(remote.port),
                Long.toString(bytes.written),
                Long.toString(bytes.read),
                Boolean.toString(closed));
    }

    static TrafficResult parse(String line) {
        String[] parts = line.split(" ");
        try {
            return new TrafficResult(
                    Boolean.parseBoolean(parts[0]),
                    Long.parseLong(parts[1]),
                    ClosingMode.valueOf(parts[2]),
                    new End(InetAddress.getByName(parts[3]), Integer.parseInt(parts[4])),
                    new End(InetAddress.getByName(parts[5]), Integer.parseInt(parts[6])),
                    new Bytes(Long.parseLong(parts[7]), Long.parseLong(parts[8])),
                    Boolean.parseBoolean(parts[9]));
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(line, impossible);
        }
    }
}
