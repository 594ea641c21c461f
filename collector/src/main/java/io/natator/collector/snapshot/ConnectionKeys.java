package io.natator.collector.snapshot;

import io.natator.bpf.SocketRecord;
import io.natator.schemas.Hashes;
import java.nio.charset.StandardCharsets;

/**
 * Record keys: the fingerprint, which both ends of a connection share, or where there is none a hash that is the same
 * whenever the same node speaks of the same thing. Pure, thread-safe.
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
        if (socket.protocol() == UDP) {
            return flow(socket);
        }
        return socket.fingerprint() != 0
                ? socket.fingerprint()
                : with(with(seed, socket.cookie()), socket.startNanos());
    }

    /** One socket has many flows, and nothing of them is known to the other end: each end has a key of its own. */
    private long flow(SocketRecord socket) {
        long hash = with(with(with(seed, UDP), socket.cookie()), socket.startNanos());
        hash = Hashes.mix(Hashes.fnv1a64(hash, socket.localAddress().getAddress()));
        hash = with(hash, socket.localPort());
        hash = Hashes.mix(Hashes.fnv1a64(hash, socket.remoteAddress().getAddress()));
        return with(hash, socket.remotePort());
    }

    /** One key per address pair: what is folded later under the same has the larger counters. */
    private long folded(SocketRecord socket) {
        long hash = with(seed, socket.protocol());
        hash = Hashes.mix(bytes(hash, socket.role().name()));
        hash = with(hash, socket.networkNamespace());
        hash = with(hash, socket.cgroupId());
        hash = Hashes.mix(Hashes.fnv1a64(hash, socket.localAddress().getAddress()));
        hash = with(hash, socket.localPort());
        hash = Hashes.mix(Hashes.fnv1a64(hash, socket.remoteAddress().getAddress()));
        return with(hash, socket.remotePort());
    }

    private static long bytes(long hash, String text) {
        return Hashes.fnv1a64(hash, text.getBytes(StandardCharsets.UTF_8));
    }

    private static long with(long hash, long value) {
        return Hashes.mix(hash * Hashes.FNV_PRIME_64 ^ Hashes.mix(value + 0x9e3779b97f4a7c15L));
    }
}
