package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tracks all TCP connections of the machine, in every network namespace. With a pin directory, the programs outlive
 * this object, and the next tracker continues after the last released record. Without a pin directory, closing this
 * object detaches the programs.
 *
 * <p>The counters of an {@link SocketRecord.Event#OPENED} record are 0. While more than half of the ring buffer is
 * unread, opens are skipped, because the other half is reserved for closes.
 */
public final class TcpTracker implements SocketSource {
    private static final List<String> PROGRAMS = List.of("tcp_state_one", "tcp_state_two");
    private static final String REFRESH = "refresh_live";

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
        statistics = new KernelStatistics(object.map(MapNames.STATISTICS));
        ring = new RingBuffer(object.map(MapNames.EVENTS));
        BpfMap spillMap = object.map(MapNames.SPILL);
        BpfMap spillSeenMap = object.map(MapNames.SPILL_SEEN);
        spill = new SpillReader(List.of(spillMap, spillSeenMap));
        spillCapacity = (long) spillMap.maxEntries() + spillSeenMap.maxEntries();
        BpfMap foldMap = object.map(MapNames.FOLD);
        fold = new FoldReader(foldMap);
        foldCapacity = foldMap.maxEntries();
        events = resources.add(new EventQueue(new EventReader(ring, spill, fold, statistics)));
        BpfMap liveMap = object.map(MapNames.LIVE);
        liveCapacity = liveMap.maxEntries();
        live = new LiveReader(
                object.attachIterator(REFRESH, object.map(TcpObjectSettings.REFRESH_RUNS)), liveMap, statistics);
        resources.add(live);
    }

    /**
     * Loads and attaches the programs, and reports connections that are already open. Programs of another version that
     * are pinned in the same folder are detached after that, so no close is missed. {@link #poll} returns the records
     * of the other version first.
     *
     * @throws MissingPrerequisiteException if the machine or the process lacks a prerequisite
     * @throws BpfException if the kernel refuses to load or attach a program
     */
    public static TcpTracker open(TcpTrackerOptions options) {
        return open(options, CompiledObject.readTcp(), RecordLayout.VERSION);
    }

    /**
     * Loads a given BPF object and pins it under a given layout version. Only tests that simulate another release call
     * it.
     */
    static TcpTracker open(TcpTrackerOptions options, byte[] elf, int layoutVersion) {
        Prerequisites.check(options.procRoot());
        Resources resources = new Resources();
        try {
            ObjectLoader loader = new ObjectLoader(options.pinDirectory(), layoutVersion, resources);
            Map<String, Integer> mapSizes = loader.mapSizes(TcpObjectSettings.mapSizes(options));
            BpfObject object = loader.load(TcpObjectSettings.settings(elf, mapSizes, options.filter()));
            FilterTables.fill(object, options.filter());
            TcpTracker tracker = new TcpTracker(resources, object);
            TakeoverOrder.ATTACH_FIRST.run(
                    () -> PROGRAMS.forEach(program -> loader.addLink(object.attach(program), program)),
                    () -> tracker.events.drainOthers(loader.others()));
            Adoption.run(object, options.procRoot());
            return tracker;
        } catch (RuntimeException failure) {
            resources.close();
            throw failure;
        }
    }

    /** Removes the pins of all versions, which detaches their programs. Records that were not read are lost. */
    public static void unload(Path pinDirectory) {
        PinDirectory.remove(pinDirectory);
    }

    @Override
    public SocketBatch poll(int limit) {
        return events.poll(limit);
    }

    @Override
    public void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
        live.read(selection, consumer);
    }

    @Override
    public SocketSourceStatistics statistics() {
        return new SocketSourceStatistics(
                statistics.all(),
                events.discarded(),
                Fill.used(ring.unreleasedBytes()).of(ring.capacity()),
                Fill.used(live.tracked()).of(liveCapacity),
                Fill.used(spill.entries(statistics.count(KernelStatistic.SPILLED)))
                        .of(spillCapacity),
                Fill.used(fold.entries(statistics.count(KernelStatistic.FOLDED)))
                        .of(foldCapacity),
                Stream.concat(PROGRAMS.stream(), Stream.of(REFRESH))
                        .collect(Collectors.toMap(Function.identity(), object::statistics)));
    }

    @Override
    public void close() {
        resources.close();
    }
}
