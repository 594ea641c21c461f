package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.ClusterName;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.PodRanges;
import io.natator.schemas.Protocol;
import io.natator.schemas.TopicProgress;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/** The identities of one cluster, from the global store. Must be used by one thread. */
public final class StoredIdentities implements Identities {
    /** Name of the global store, which has text keys and encoded values. */
    public static final String STORE = "identities";

    /**
     * Minimum time between two readings of the progress, in milliseconds. The enricher publishes it about twice a second.
     */
    private static final long PROGRESS_INTERVAL_MILLIS = 200;

    private final ClusterName cluster;
    private final StoredClusters store;
    private final PodRangeIndex podRanges = new PodRangeIndex();
    private Instant completeAsOf = Instant.MIN;
    private long progressReadAtMillis;
    private long usedAtMillis;
    private long changesAtRefresh = -1;

    StoredIdentities(ClusterName cluster, StoredClusters store) {
        this.cluster = cluster;
        this.store = store;
    }

    /** The kind of the store: it is on disk, so that the identities of a large cluster do not fill the memory. */
    public static KeyValueBytesStoreSupplier supplier() {
        return Stores.persistentKeyValueStore(STORE);
    }

    /** Whether records with this key are read through the cache. Progress is not: it changes twice a second. */
    public static boolean caches(String key) {
        return !key.startsWith(IdentityKeys.PROGRESS_PREFIX) && !key.contains("/" + IdentityKeys.PROGRESS_PREFIX);
    }

    void markUsed(long nowMillis) {
        usedAtMillis = nowMillis;
    }

    /** When the identities were last asked for, in milliseconds since the epoch. */
    long usedAtMillis() {
        return usedAtMillis;
    }

    @Override
    public boolean isCompleteAsOf(Instant time) {
        long now = store.nowMillis();
        if (completeAsOf.isBefore(time) && now - progressReadAtMillis >= PROGRESS_INTERVAL_MILLIS) {
            progressReadAtMillis = now;
            readProgress();
        }
        return !completeAsOf.isBefore(time);
    }

    @Override
    public boolean canChange() {
        return true;
    }

    /** Reads the progress of all partitions. It is {@link Instant#MIN} until every partition has a progress. */
    Instant readProgress() {
        var progress = new TopicProgress();
        int partitions = 1;
        for (int i = 0; i < partitions; i++) {
            String key = IdentityKeys.ofProgress(i);
            if (store.read(cluster.key(key)) instanceof IdentityProgress published) {
                progress.add(key, published);
                partitions = Math.max(partitions, published.getPartitions());
            }
        }
        completeAsOf = progress.completeAsOf().orElse(Instant.MIN);
        return completeAsOf;
    }

    @Override
    public @Nullable Identity pod(String uid) {
        return store.find(cluster.key(IdentityKeys.ofPod(uid))) instanceof Identity identity ? identity : null;
    }

    @Override
    public @Nullable Identity node(String name) {
        return store.find(cluster.key(IdentityKeys.ofNode(name))) instanceof Identity identity ? identity : null;
    }

    @Override
    public @Nullable AddressOwners address(ByteBuffer address) {
        return owners(IdentityKeys.ofAddress(IpAddresses.bytes(address)));
    }

    @Override
    public @Nullable AddressOwners nodePort(Protocol protocol, int port) {
        return owners(IdentityKeys.ofNodePort(protocol, port));
    }

    private @Nullable AddressOwners owners(String key) {
        return store.find(cluster.key(key)) instanceof AddressOwners owners ? owners : null;
    }

    @Override
    public boolean isInPodRange(ByteBuffer address) {
        long before = store.changes();
        if (before != changesAtRefresh) {
            podRanges.update(
                    store.find(cluster.key(IdentityKeys.POD_RANGES)) instanceof PodRanges ranges ? ranges : null);
            changesAtRefresh = before;
        }
        return podRanges.contains(address);
    }
}
