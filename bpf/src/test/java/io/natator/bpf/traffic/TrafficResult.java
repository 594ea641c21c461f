package io.natator.bpf.traffic;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What an application knows of one end of a connection.
 *
 * @param client whether this is the end that connected
 * @param id the same on both ends
 * @param written bytes that write calls took
 * @param read bytes that read calls gave
 */
public record TrafficResult(
        boolean client,
        long id,
        ClosingMode mode,
        InetAddress localAddress,
        int localPort,
        InetAddress remoteAddress,
        int remotePort,
        long written,
        long read,
        boolean closed) {

    String line() {
        return String.join(
                " ",
                Boolean.toString(client),
                Long.toString(id),
                mode.name(),
                localAddress.getHostAddress(),
                Integer.toString(localPort),
                remoteAddress.getHostAddress(),
                Integer.toString(remotePort),
                Long.toString(written),
                Long.toString(read),
                Boolean.toString(closed));
    }

    static TrafficResult parse(String line) {
        String[] parts = line.split(" ");
        try {
            return new TrafficResult(
                    Boolean.parseBoolean(parts[0]),
                    Long.parseLong(parts[1]),
                    ClosingMode.valueOf(parts[2]),
                    InetAddress.getByName(parts[3]),
                    Integer.parseInt(parts[4]),
                    InetAddress.getByName(parts[5]),
                    Integer.parseInt(parts[6]),
                    Long.parseLong(parts[7]),
                    Long.parseLong(parts[8]),
                    Boolean.parseBoolean(parts[9]));
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(line, impossible);
        }
    }
}
