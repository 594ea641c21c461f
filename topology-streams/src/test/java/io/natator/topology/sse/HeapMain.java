package io.natator.topology.sse;

import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;

/**
 * Measures how much heap {@link LinkChangeDetector} uses while the topic {@code links} is read for the first time, and
 * afterwards. Usage: {@code HeapMain LINKS}. The heap size must be set with {@code -Xmx}.
 */
public final class HeapMain {
    private static final int PRINT_EVERY = 100_000;
    private static final int RTT_BUCKETS = 13;

    private HeapMain() {}

    /** Processes one record for each of the given number of links, and prints the used heap. */
    public static void main(String[] arguments) {
        int links = Integer.parseInt(arguments[0]);
        var changes = new LinkChangeDetector();
        var keys = NatatorSerdes.linkKey();
        var totals = NatatorSerdes.linkTotals();
        byte[] value = totals.encode(LinkTotals.newBuilder()
                .setFirstSeen(Instant.EPOCH)
                .setLastSeen(Instant.EPOCH)
                .setBytesToServer(5)
                .setConnectionsOpened(3)
                .setRttBuckets(new ArrayList<>(Collections.nCopies(RTT_BUCKETS, 200L)))
                .build());
        var server =
                new Workload("ingress-nginx-controller", "ingress-nginx", "DaemonSet", "eu-west-1a", "eu-west-1", "");
        for (int i = 0; i < links; i++) {
            String address = (i >> 16 & 255) + "." + (i >> 8 & 255) + ".7." + (i & 255);
            var client = new Workload(address, "external", "external", "", "", "");
            byte[] key = keys.encode(new LinkKey(client, server, 443, Protocol.TCP, ""));
            changes.onRecord(keys.decode(key), totals.decode(value)); // Decode each record, as LinkTopicReader does.
            if ((i + 1) % PRINT_EVERY == 0) {
                System.out.printf("%,d links read: %d MiB%n", i + 1, usedMebibytes());
            }
        }
        changes.markAllKnown();
        System.out.printf("after the first read: %d MiB%n", usedMebibytes());
    }

    private static long usedMebibytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }
}
