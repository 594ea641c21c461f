package io.natator.collector.snapshot;

import io.natator.bpf.SocketRecord;
import java.nio.charset.StandardCharsets;

/**
 * Keys of records: the fingerprint, which both ends of a connection share. Without a fingerprint the key is a hash, the same for all
 * records of one node about the same connection, flow or sum. Pure, thread-safe.
 */
final class ConnectionKeys {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private static final int UDP = 17;

    private final long seed;

    ConnectionKeys(String node, String bootId) {
        seed = mix(bytes(mix(bytes(FNV_OFFSET, node)), bootId));
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

    /** A socket can have many flows. The two ends of a flow share no identifier, so each end has a key of its own. */
    private long flow(SocketRecord socket) {
        long hash =
                with(with(with(seed, UDP), socket.id().cookie()), socket.id().startNanos());
        hash = mix(bytes(hash, socket.connection().local().address().getAddress()));
        hash = with(hash, socket.connection().local().port());
        hash = mix(bytes(hash, socket.connection().remote().address().getAddress()));
        return with(hash, socket.connection().remote().port());
    }

    /** One key per address pair: a later record of the sum has larger counters. */
    private long folded(SocketRecord socket) {
        long hash = with(seed, socket.connection().protocol());
        hash = mix(bytes(hash, socket.connection().role().name()));
        hash = with(hash, socket.connection().networkNamespace());
        hash = with(hash, socket.owner().cgroupId());
        hash = mix(bytes(hash, socket.connection().local().address().getAddress()));
        hash = with(hash, socket.connection().local().port());
        hash = mix(bytes(hash, socket.connection().remote().address().getAddress()));
        return with(hash, socket.connection().remote().port());
    }

    private static long bytes(long hash, String text) {
        return bytes(hash, text.getBytes(StandardCharsets.UTF_8));
    }

    /** FNV-1a. */
    private static long bytes(long hash, byte[] data) {
        long result = hash;
        for (byte value : data) {
            result = (result ^ (value & 0xff)) * FNV_PRIME;
        }
        return result;
    }

    private static long with(long hash, long value) {
        return mix(hash * FNV_PRIME ^ mix(value + 0x9e3779b97f4a7c15L));
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input reaches every bit of the result. */
    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
