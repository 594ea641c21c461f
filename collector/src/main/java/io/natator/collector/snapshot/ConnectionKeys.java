package io.natator.collector.snapshot;

import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.schemas.Hashes;
import java.nio.charset.StandardCharsets;

/**
 * Computes the Kafka keys of records. The key is the connection's fingerprint, which is the same at both ends. Records
 * without a fingerprint (failed connects, UDP flows, sums) get a hash as key. All records of one node about the same
 * connection, flow or sum have the same hash. Pure functions, thread-safe.
 */
final class ConnectionKeys {
    private static final int UDP = 17;

    private final long seed;

    ConnectionKeys(String node, String bootId) {
        seed = Hashes.mix(bytes(Hashes.mix(bytes(Hashes.FNV1A_64, node)), bootId));
    }

    long keyOf(SocketRecord socket) {
        if (socket.event() == SocketRecord.Event.FOLDED) {
            return folded(socket);
        }
        if (socket.connection().protocol() == UDP) {
            return flow(socket);
        }
        return socket.connection().fingerprint() != 0
                ? socket.connection().fingerprint()
                : with(with(seed, socket.id().cookie()), socket.id().startNanos());
    }

    /**
     * Hashes the socket, the start and the addresses of a flow. The socket alone does not suffice, because it can have
     * many flows. The two ends of a flow have different keys.
     */
    private long flow(SocketRecord socket) {
        long hash =
                with(with(with(seed, UDP), socket.id().cookie()), socket.id().startNanos());
        return with(with(hash, socket.connection().local()), socket.connection().remote());
    }

    /**
     * Hashes what all connections of a sum have in common, so that a later record replaces an earlier record of the
     * same sum.
     */
    private long folded(SocketRecord socket) {
        long hash = with(seed, socket.connection().protocol());
        hash = Hashes.mix(bytes(hash, socket.connection().role().name()));
        hash = with(hash, socket.connection().networkNamespace());
        hash = with(hash, socket.owner().cgroupId());
        return with(with(hash, socket.connection().local()), socket.connection().remote());
    }

    private static long bytes(long hash, String text) {
        return Hashes.fnv1a64(hash, text.getBytes(StandardCharsets.UTF_8));
    }

    private static long with(long hash, Endpoint endpoint) {
        return with(Hashes.mix(Hashes.fnv1a64(hash, endpoint.address().getAddress())), endpoint.port());
    }

    private static long with(long hash, long value) {
        return Hashes.mix(hash * Hashes.FNV_PRIME_64 ^ Hashes.mix(value + 0x9e3779b97f4a7c15L));
    }
}
