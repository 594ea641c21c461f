package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import io.natator.bpf.libbpf.KernelProbe;
import io.natator.bpf.libbpf.Support;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All TCP connections of the machine, in every network namespace. Where a pin directory is given, the kernel side outlives
 * this object and the next one carries on from what was released last; otherwise it ends with this one.
 *
 * <p>An {@link SocketRecord.Event#OPENED} record tells who; its byte counters are 0. When the ring buffer is half full it
 * is left out, so that closes have the rest.
 */
public final class TcpTracker implements SocketSource {
    private static final List<String> PROGRAMS = List.of("tcp_state_one", "tcp_state_two");
    private static final String REFRESH = "refresh_live";
    /** The object for kernels of all versions. */
    static final String PROBING = "natator";

    private static final String CONNECTIONS = "connections";
    /** {@code PLACES_AT_ONCE}. */
    private static final int PLACES_AT_ONCE = 64;

    private static final List<String> PINNED_MAPS =
            List.of(CONNECTIONS, "listeners", "live", "events", "spill", "spill_seen", "fold", "statistics");

    private final BpfObject object;
    private final RingBuffer ring;
    private final EventQueue events;
    private final SpillReader spill;
    private final LiveReader live;
    private final KernelStatistics statistics;
    private final long liveCapacity;
    private final long spillCapacity;
    private final FoldReader fold;
    private final long foldCapacity;
    private final Resources resources;

    private TcpTracker(Resources resources, BpfObject object) {
        this.resources = resources;
        this.object = object;
        statistics = new KernelStatistics(object.map("statistics"));
        ring = new RingBuffer(object.map("events"));
        BpfMap spillMap = object.map("spill");
        BpfMap spillSeenMap = object.map("spill_seen");
        spill = new SpillReader(List.of(spillMap, spillSeenMap));
        spillCapacity = (long) spillMap.maxEntries() + spillSeenMap.maxEntries();
        BpfMap foldMap = object.map("fold");
        fold = new FoldReader(foldMap);
        foldCapacity = foldMap.maxEntries();
        events = resources.add(new EventQueue(new EventReader(ring, spill, fold, statistics)));
        BpfMap liveMap = object.map("live");
        liveCapacity = liveMap.maxEntries();
        live = new LiveReader(object.attachIterator(REFRESH, object.map("parts")), liveMap, statistics);
        resources.add(live);
    }

    /**
     * Loads, attaches, and takes in what is open already. What another version has pinned in the same folder is detached
     * once this one is attached; its records come first.
     *
     * @throws MissingPrerequisiteException where the machine or the process lacks something
     * @throws BpfException where the kernel refuses something
     */
    public static TcpTracker open(TcpTrackerOptions options) {
        return open(options, object(), RecordLayout.VERSION);
    }

    /** Another build's object, under another version. */
    static TcpTracker open(TcpTrackerOptions options, byte[] elf, int layoutVersion) {
        Prerequisites.check(options.procRoot());
        Resources resources = new Resources();
        try {
            Loading loading = new Loading(options.pinDirectory(), layoutVersion, resources);
            BpfObject object =
                    loading.load("natator", elf, PINNED_MAPS, sizes(options), options.filter(), TcpTracker::adjust);
            TcpTracker tracker = new TcpTracker(resources, object);
            PROGRAMS.forEach(program -> loading.keep(object.attach(program), program));
            tracker.events.takeOver(loading.others());
            Adoption.run(object, options.procRoot());
            return tracker;
        } catch (RuntimeException failure) {
            resources.close();
            throw failure;
        }
    }

    /** Detaches and forgets everything that was ever pinned there, by any version. Events not read are gone. */
    public static void unload(Path pinDirectory) {
        PinDirectory.remove(pinDirectory);
    }

    private static void adjust(BpfSpec spec) {
        spec.constant("open_ring_limit", spec.maxEntries("events") / 2);
        int places = spec.maxEntries(CONNECTIONS);
        spec.constant("place_mask", places - 1);
        spec.maxEntries("parts", Math.ceilDiv(places, PLACES_AT_ONCE));
    }

    private static Map<String, Integer> sizes(TcpTrackerOptions options) {
        return Map.of(
                CONNECTIONS,
                places(options.liveCapacity()),
                "events",
                options.ringBytes(),
                "live",
                options.liveCapacity(),
                "spill",
                options.spillCapacity(),
                "spill_seen",
                options.liveCapacity(),
                "fold",
                options.foldCapacity());
    }

    /** A power of two, and at least twice as many as connections: a place is looked for among a few neighbours alone. */
    static int places(int connections) {
        return 2 * Integer.highestOneBit(2 * connections - 1);
    }

    /** The compiled object for this processor. */
    static byte[] object() {
        try (KernelProbe kernel = new KernelProbe()) {
            // An object that is refused for a missing function would be worse than one that reads sockets more slowly.
            return CompiledObject.read(hasTypedPointers(kernel) ? "natator_typed" : PROBING);
        }
    }

    /** Whether addresses of sockets can be read as what they are, without bpf_probe_read_kernel() (kernel 6.2). */
    static boolean hasTypedPointers(KernelProbe kernel) {
        return kernel.callableFunction("bpf_rdonly_cast") == Support.YES;
    }

    @Override
    public SocketBatch readEvents(int limit) {
        return events.read(limit);
    }

    @Override
    public void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
        live.read(selection, consumer);
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
                spill.entries(statistics.spilled()),
                spillCapacity,
                fold.entries(statistics.folded()),
                foldCapacity,
                statistics.opensSkipped(),
                statistics.liveSkipped(),
                statistics.leftOut(),
                events.discarded(),
                Stream.concat(PROGRAMS.stream(), Stream.of(REFRESH))
                        .collect(Collectors.toMap(Function.identity(), object::statistics)));
    }

    @Override
    public void close() {
        resources.close();
    }
}
