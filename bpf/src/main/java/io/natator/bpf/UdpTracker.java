package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tracks the UDP flows of the machine, in every network namespace. A flow is what one socket exchanges with one remote
 * address and port, until a pause. A flow is reported whenever open flows are read, and when it ends; the event
 * {@link SocketRecord.Event#OPENED} does not occur. With a pin directory, the programs outlive this object, and the
 * next tracker continues the flows, even if it uses other hooks.
 */
public final class UdpTracker implements SocketSource, DnsAnswerSource {
    private static final String END_IDLE = "end_idle";
    private static final String PINS = "udp";

    private final BpfObject object;
    private final UdpHooks hooks;
    private final RingBuffer ring;
    private final FoldReader fold;
    private final EventQueue events;
    private final FlowReader live;
    private final DnsAnswerReader answers;
    private final KernelStatistics statistics;
    private final long flowCapacity;
    private final long foldCapacity;
    private final Resources resources;

    private UdpTracker(Resources resources, BpfObject object, UdpHooks hooks) {
        this.resources = resources;
        this.object = object;
        this.hooks = hooks;
        statistics = new KernelStatistics(object.map(MapNames.STATISTICS));
        ring = new RingBuffer(object.map(MapNames.EVENTS));
        BpfMap foldMap = object.map(MapNames.FOLD);
        fold = new FoldReader(foldMap);
        foldCapacity = foldMap.maxEntries();
        events = resources.add(new EventQueue(new EventReader(ring, new SpillReader(List.of()), fold, statistics)));
        BpfMap flows = object.map(MapNames.FLOWS);
        flowCapacity = flows.maxEntries();
        live = new FlowReader(object.attachIterator(END_IDLE, flows), flows);
        resources.add(live);
        answers = new DnsAnswerReader(object.map(UdpObjectSettings.ANSWERS), object.map("answer_statistics"));
        resources.add(answers);
    }

    /**
     * Loads and attaches the programs. Programs of another version that are pinned in the same folder are detached
     * before that, so no datagram is counted twice; datagrams between detaching and attaching are not counted.
     * {@link #poll} returns the records of the other version first.
     *
     * @throws MissingPrerequisiteException if the machine or the process lacks a prerequisite
     * @throws BpfException if the kernel refuses to load or attach a program
     */
    public static UdpTracker open(UdpTrackerOptions options) {
        return open(options, CompiledObject.read(options.hooks().object()), RecordLayout.VERSION);
    }

    /**
     * Loads a given BPF object and pins it under a given layout version. Only tests that simulate another release call
     * it.
     */
    static UdpTracker open(UdpTrackerOptions options, byte[] elf, int layoutVersion) {
        UdpPrerequisites.check(options.hooks(), options.paths().procRoot());
        Resources resources = new Resources();
        try {
            Path directory = options.paths().pinDirectory();
            ObjectLoader loader =
                    new ObjectLoader(directory == null ? null : directory.resolve(PINS), layoutVersion, resources);
            Map<String, Integer> mapSizes = loader.mapSizes(UdpObjectSettings.mapSizes(options));
            BpfObject object = loader.load(UdpObjectSettings.settings(options, elf, mapSizes));
            FilterTables.fill(object, options.filter());
            UdpTracker tracker = new UdpTracker(resources, object, options.hooks());
            TakeoverOrder.DETACH_FIRST.run(
                    () -> attach(options, object, loader), () -> tracker.events.drainOthers(loader.others()));
            return tracker;
        } catch (RuntimeException failure) {
            resources.close();
            throw failure;
        }
    }

    /**
     * Removes the pins of all versions, which detaches their programs. Ends of flows that were not read are lost.
     *
     * @return whether anything was pinned
     */
    public static boolean unload(Path pinDirectory) {
        Path pins = pinDirectory.resolve(PINS);
        boolean present = Files.isDirectory(pins);
        PinDirectory.remove(pins);
        return present;
    }

    private static void attach(UdpTrackerOptions options, BpfObject object, ObjectLoader loader) {
        PinDirectory pins = loader.pins();
        if (pins != null) {
            detachOtherHooks(options.hooks(), pins);
        }
        for (String program : options.hooks().programs()) {
            switch (options.hooks()) {
                case FUNCTIONS -> loader.addLink(object.attach(program), program);
                case CGROUP -> {
                    // The old program is replaced atomically, because two attached programs would count each datagram
                    // twice.
                    if (pins != null && pins.has(program)) {
                        object.replaceIn(pins.path(program), program);
                    } else {
                        loader.addLink(
                                object.attachToCgroup(program, options.paths().cgroupRoot()), program);
                    }
                }
            }
        }
    }

    private static void detachOtherHooks(UdpHooks hooks, PinDirectory pins) {
        for (UdpHooks other : UdpHooks.values()) {
            if (other != hooks) {
                other.programs().forEach(pins::remove);
            }
        }
    }

    @Override
    public SocketBatch poll(int limit) {
        return events.poll(limit);
    }

    /** Reads the open flows, and ends the idle ones. The next {@link #poll} returns the ends of the idle flows. */
    @Override
    public void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
        live.read(selection, consumer);
    }

    @Override
    public void preview(LiveSelection selection, Consumer<SocketRecord> consumer) {
        live.preview(selection, consumer);
    }

    @Override
    public int pollAnswers(int limit, Consumer<DnsAnswer> consumer) {
        return answers.poll(limit, consumer);
    }

    @Override
    public DnsAnswerSource.Statistics answerStatistics() {
        return answers.statistics();
    }

    /**
     * Returns the statistics. {@link KernelStatistic} defines which counts are flows and which are datagrams.
     * {@link KernelStatistic#FAILED} and {@link KernelStatistic#SPILLED} are always 0: if the ring buffer is full, an
     * ended flow stays in the map.
     */
    @Override
    public SocketSourceStatistics statistics() {
        return new SocketSourceStatistics(
                statistics.all(),
                events.discarded(),
                Fill.used(ring.unreleasedBytes()).of(ring.capacity()),
                Fill.used(live.live()).of(flowCapacity),
                Fill.NONE,
                Fill.used(fold.entries(statistics.count(KernelStatistic.FOLDED)))
                        .of(foldCapacity),
                Stream.concat(hooks.programs().stream(), Stream.of(END_IDLE))
                        .collect(Collectors.toMap(Function.identity(), object::statistics)));
    }

    @Override
    public void close() {
        resources.close();
    }
}
