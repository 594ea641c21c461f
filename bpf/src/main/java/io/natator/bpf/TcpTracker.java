package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All TCP connections of the machine, in every network namespace. Where a pin directory is given, the kernel side outlives
 * this object and the next one carries on from what was released last; otherwise it ends with this one.
 *
 * <p>An {@link SocketRecord.Event#OPENED} record tells who; its byte counters are 0. When the ring buffer is half full it
 * is left out, so that closes have the rest.
 */
public final class TcpTracker implements SocketSource {
    private static final Logger log = LoggerFactory.getLogger(TcpTracker.class);
    private static final List<String> PROGRAMS = List.of("tcp_state_one", "tcp_state_two");
    private static final List<String> PINNED_MAPS =
            List.of("sockets", "listeners", "live", "events", "spill", "spill_seen", "fold", "statistics");

    private final BpfObject object;
    private final RingBuffer ring;
    private final EventReader events;
    private final SpillReader spill;
    private final LiveReader live;
    private final KernelStatistics statistics;
    private final long liveCapacity;
    private final long spillCapacity;
    /** What to close, the last one first. */
    private final Deque<AutoCloseable> resources;

    private TcpTracker(Deque<AutoCloseable> resources, BpfObject object) {
        this.resources = resources;
        this.object = object;
        statistics = new KernelStatistics(object.map("statistics"));
        ring = new RingBuffer(object.map("events"));
        BpfMap spillMap = object.map("spill");
        BpfMap spillSeenMap = object.map("spill_seen");
        spill = new SpillReader(List.of(spillMap, spillSeenMap));
        spillCapacity = (long) spillMap.maxEntries() + spillSeenMap.maxEntries();
        events = new EventReader(ring, spill, new FoldReader(object.map("fold")), statistics);
        resources.push(events);
        BpfMap liveMap = object.map("live");
        liveCapacity = liveMap.maxEntries();
        live = new LiveReader(object.attachIterator("refresh_live", object.map("sockets")), liveMap, statistics);
        resources.push(live);
    }

    /**
     * Loads, attaches, and takes in what is open already.
     *
     * @throws MissingPrerequisiteException where the machine or the process lacks something
     * @throws BpfException where the kernel refuses something
     */
    public static TcpTracker open(TcpTrackerOptions options) {
        Prerequisites.check();
        Deque<AutoCloseable> resources = new ArrayDeque<>();
        try {
            PinDirectory pins = options.pinDirectory() == null ? null : PinDirectory.open(options.pinDirectory());
            if (pins != null) {
                resources.push(pins);
            }
            BpfObject object = load(options, pins);
            resources.push(object);
            TcpTracker tracker = new TcpTracker(resources, object);
            attach(object, pins, resources);
            Adoption.run(object, Prerequisites.mayEnterNamespaces());
            return tracker;
        } catch (RuntimeException failure) {
            closeAll(resources);
            throw failure;
        }
    }

    /** Detaches and forgets everything that was ever pinned there, by any version. Events not read are gone. */
    public static void unload(Path pinDirectory) {
        PinDirectory.remove(pinDirectory);
    }

    private static BpfObject load(TcpTrackerOptions options, @Nullable PinDirectory pins) {
        try (BpfSpec spec = BpfSpec.open("natator", object())) {
            List<String> fresh = PINNED_MAPS.stream()
                    .filter(map -> pins == null || !pins.reuse(spec, map))
                    .toList();
            sizes(options).forEach((map, entries) -> {
                if (fresh.contains(map)) {
                    spec.maxEntries(map, entries);
                } else if (spec.maxEntries(map) != entries) {
                    log.atWarn()
                            .addKeyValue("map", map)
                            .addKeyValue("pinned", spec.maxEntries(map))
                            .addKeyValue("configured", entries)
                            .log("A pinned map keeps its size; unload it to have another one");
                }
            });
            spec.constant("open_ring_limit", spec.maxEntries("events") / 2);
            BpfObject object = spec.load();
            if (pins != null) {
                fresh.forEach(map -> pins.pin(object.map(map), map));
            }
            return object;
        }
    }

    private static Map<String, Integer> sizes(TcpTrackerOptions options) {
        return Map.of(
                "events", options.ringBytes(),
                "live", options.liveCapacity(),
                "spill", options.spillCapacity(),
                "spill_seen", options.liveCapacity(),
                "fold", options.foldCapacity());
    }

    private static void attach(BpfObject object, @Nullable PinDirectory pins, Deque<AutoCloseable> resources) {
        for (String program : PROGRAMS) {
            BpfLink link = object.attach(program);
            resources.push(link);
            if (pins != null) {
                pins.replace(link, program);
            }
        }
    }

    /** The compiled object for this processor. */
    static byte[] object() {
        String name = "natator-" + System.getProperty("os.arch") + ".bpf.o";
        try (InputStream object = TcpTracker.class.getResourceAsStream(name)) {
            if (object == null) {
                throw new BpfException("BPF object not found: there is none for this processor, " + name
                        + ": run on amd64 or aarch64");
            }
            return object.readAllBytes();
        } catch (IOException failure) {
            throw new BpfException("BPF object not read: " + name + ": " + failure.getMessage(), failure);
        }
    }

    @Override
    public SocketBatch readEvents(int limit) {
        return events.read(limit);
    }

    @Override
    public void readLive(Consumer<SocketRecord> consumer) {
        live.read(consumer);
    }

    @Override
    public SocketSourceStatistics statistics() {
        return new SocketSourceStatistics(
                live.tracked(),
                statistics.opened(),
                statistics.closed(),
                statistics.failed(),
                statistics.spilled(),
                statistics.folded(),
                statistics.lost(),
                ring.unreleasedBytes(),
                ring.capacity(),
                liveCapacity,
                spill.entries(),
                spillCapacity,
                PROGRAMS.stream().mapToLong(object::recursionMisses).sum());
    }

    /** Opens that were not announced, since load: no connection is lost by it. */
    public long opensSkipped() {
        return statistics.opensSkipped();
    }

    @Override
    public void close() {
        closeAll(resources);
    }

    private static void closeAll(Deque<AutoCloseable> resources) {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception failure) {
                throw new BpfException("tracker not closed: " + failure.getMessage(), failure);
            }
        }
    }
}
