package io.natator.bpf.traffic;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What an application knows about its end of a connection.
 *
 * @param client whether this end opened the connection
 * @param id identifies the connection; the same at both ends
 * @param mode how the connection is closed
 * @param local local address and port
 * @param remote address and port of the peer, as the application sees them
 * @param bytes how many bytes the application wrote and read
 * @param closed whether the application has closed the connection
 */
public record TrafficResult(
        boolean client, long id, ClosingMode mode, End local, End remote, Bytes bytes, boolean closed) {

    /** An address and a port. */
    public record End(InetAddress address, int port) {}

    /**
     * How many bytes an application wrote and read.
     *
     * @param written number of bytes that write calls accepted
     * @param read number of bytes that read calls returned
     */
    public record Bytes(long written, long read) {}

    public long written() {
        return bytes.written;
    }

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
