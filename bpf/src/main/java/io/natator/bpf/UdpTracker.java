package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sockets of the machine exchange over UDP, in every network namespace: a flow for each socket and each remote
 * address and port, which ends after a pause. A flow is told of when live ones are read, and when it ends; there is no
 * {@link SocketRecord.Event#OPENED}. Where a pin directory is given, the kernel side outlives this object and the next one
 * carries on, whatever hooks it uses.
 */
public final class UdpTracker implements SocketSource, DnsAnswerSource {
    /** The map of flows. */
    static final String FLOWS = "flows";

    private static final Logger log = LoggerFactory.getLogger(UdpTracker.class);
    private static final String END_IDLE = "end_idle";
    private static final String PINS = "udp";
    private static final List<String> PINNED_MAPS = List.of("events", FLOWS, "fold", "statistics");
    /** Of {@link UdpHooks#FUNCTIONS} alone: with it, a new collector's programs know what the old one's have seen. */
    private static final String IN_FLIGHT = "in_flight";

    /** Not pinned: nobody waits for answers that nobody read. */
    private static final String ANSWERS = "answers";

    /** About 200 answers. */
    private static final int ANSWER_RING_BYTES = 1 << 18;

    private final BpfObject object;
    private final UdpHooks hooks;
    private final RingBuffer ring;
    private final FoldReader fold;
    private final EventReader events;
    private final FlowReader live;
    private final DnsAnswerReader answers;
    private final KernelStatistics statistics;
    private final long flowCapacity;
    private final long foldCapacity;
    /** What earlier or later versions left, until it is read. */
    private final List<OtherVersion> others = new ArrayList<>();

    private final AtomicLong discarded = new AtomicLong();
    /** What to close, the last one first. */
    private final Deque<AutoCloseable> resources;

    private UdpTracker(Deque<AutoCloseable> resources, BpfObject object, UdpHooks hooks) {
        this.resources = resources;
        this.object = object;
        this.hooks = hooks;
        statistics = new KernelStatistics(object.map("statistics"));
        ring = new RingBuffer(object.map("events"));
        BpfMap foldMap = object.map("fold");
        fold = new FoldReader(foldMap);
        foldCapacity = foldMap.maxEntries();
        events = new EventReader(ring, new SpillReader(List.of()), fold, statistics);
        resources.push(events);
        BpfMap flows = object.map(FLOWS);
        flowCapacity = flows.maxEntries();
        live = new FlowReader(object.attachIterator(END_IDLE, flows), flows);
        resources.push(live);
        answers = new DnsAnswerReader(object.map(ANSWERS), object.map("answer_statistics"));
        resources.push(answers);
    }

    /**
     * Loads and attaches. What another version has pinned in the same folder is detached first, so that no datagram is
     * counted twice; what passes in the moment between is not counted.
     *
     * @throws MissingPrerequisiteException where the machine or the process lacks something
     * @throws BpfException where the kernel refuses something
     */
    public static UdpTracker open(UdpTrackerOptions options) {
        return open(options, CompiledObject.read(options.hooks().object()), RecordLayout.VERSION);
    }

    /** Another build's object, under another version. */
    static UdpTracker open(UdpTrackerOptions options, byte[] elf, int layoutVersion) {
        UdpPrerequisites.check(options.hooks());
        Deque<AutoCloseable> resources = new ArrayDeque<>();
        try {
            PinDirectory pins = options.pinDirectory() == null
                    ? null
                    : PinDirectory.open(options.pinDirectory().resolve(PINS), layoutVersion);
            if (pins != null) {
                resources.push(pins);
            }
            List<PinDirectory.Version> otherPins = pins == null ? List.of() : pins.others();
            otherPins.forEach(resources::push);
            BpfObject object = load(options, pins, elf);
            resources.push(object);
            FilterLoader.fill(object, options.filter());
            UdpTracker tracker = new UdpTracker(resources, object, options.hooks());
            otherPins.forEach(tracker::takeOver);
            if (pins != null) {
                detachOtherHooks(options.hooks(), pins);
            }
            attach(options, object, pins, resources);
            return tracker;
        } catch (RuntimeException failure) {
            closeAll(resources);
            throw failure;
        }
    }

    /**
     * Detaches and forgets everything that was ever pinned there, by any version. What was not read is gone.
     *
     * @return whether there was anything
     */
    public static boolean unload(Path pinDirectory) {
        Path pins = pinDirectory.resolve(PINS);
        boolean present = Files.isDirectory(pins);
        PinDirectory.remove(pins);
        return present;
    }

    private void takeOver(PinDirectory.Version pins) {
        OtherVersion other = new OtherVersion(pins, discarded);
        others.add(other);
        resources.push(other);
        other.takeOver();
    }

    private static BpfObject load(UdpTrackerOptions options, @Nullable PinDirectory pins, byte[] elf) {
        try (BpfSpec spec = BpfSpec.open("natator_udp", elf)) {
            if (pins != null) {
                pins.describe(LayoutDescription.of(spec.btf()));
            }
            List<String> fresh = pinnedMaps(options.hooks())
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
            spec.constant("idle_nanos", options.idle().toNanos());
            if (options.answers()) {
                spec.constant("answers_wanted", 1);
                spec.maxEntries(ANSWERS, ANSWER_RING_BYTES);
            }
            FilterLoader.prepare(spec, options.filter());
            BpfObject object = spec.load();
            if (pins != null) {
                fresh.forEach(map -> pins.pin(object.map(map), map));
            }
            return object;
        }
    }

    private static Stream<String> pinnedMaps(UdpHooks hooks) {
        return switch (hooks) {
            case FUNCTIONS -> Stream.concat(PINNED_MAPS.stream(), Stream.of(IN_FLIGHT));
            case CGROUP -> PINNED_MAPS.stream();
        };
    }

    private static Map<String, Integer> sizes(UdpTrackerOptions options) {
        return Map.of("events", options.ringBytes(), FLOWS, options.flowCapacity(), "fold", options.foldCapacity());
    }

    private static void detachOtherHooks(UdpHooks hooks, PinDirectory pins) {
        for (UdpHooks other : UdpHooks.values()) {
            if (other != hooks) {
                other.programs().forEach(pins::remove);
            }
        }
    }

    private static void attach(
            UdpTrackerOptions options, BpfObject object, @Nullable PinDirectory pins, Deque<AutoCloseable> resources) {
        for (String program : options.hooks().programs()) {
            switch (options.hooks()) {
                case FUNCTIONS -> {
                    BpfLink link = object.attach(program);
                    resources.push(link);
                    if (pins != null) {
                        pins.replace(link, program);
                    }
                }
                case CGROUP -> {
                    // Two at a time would count twice.
                    if (pins != null && pins.has(program)) {
                        object.replaceIn(pins.path(program), program);
                        continue;
                    }
                    BpfLink link = object.attachToCgroup(program, options.cgroupRoot());
                    resources.push(link);
                    if (pins != null) {
                        pins.replace(link, program);
                    }
                }
            }
        }
    }

    @Override
    public SocketBatch readEvents(int limit) {
        for (OtherVersion other : others) {
            SocketBatch left = other.read(limit);
            if (!left.records().isEmpty()) {
                return left;
            }
        }
        others.removeIf(OtherVersion::isDone);
        return events.read(limit);
    }

    @Override
    public void readLive(Consumer<SocketRecord> consumer) {
        readLive((cookie, start, sent, acked, received, out, in, retransmits) -> true, consumer);
    }

    /** Ends what is idle as well: its end is in the next events. */
    @Override
    public void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
        live.read(selection, consumer);
    }

    @Override
    public int readAnswers(int limit, Consumer<DnsAnswer> consumer) {
        return answers.read(limit, consumer);
    }

    @Override
    public DnsAnswerSource.Statistics answerStatistics() {
        return answers.statistics();
    }

    /**
     * Opened and closed are flows; folded, lost and left out are datagrams. Nothing fails or spills: a flow whose end finds
     * the ring buffer full stays where it is.
     */
    @Override
    public SocketSourceStatistics statistics() {
        return new SocketSourceStatistics(
                live.live(),
                statistics.opened(),
                statistics.closed(),
                0,
                0,
                statistics.folded(),
                statistics.lost(),
                ring.unreleasedBytes(),
                ring.capacity(),
                flowCapacity,
                0,
                0,
                fold.entries(),
                foldCapacity,
                0,
                0,
                statistics.leftOut(),
                discarded.get(),
                Stream.concat(hooks.programs().stream(), Stream.of(END_IDLE))
                        .collect(Collectors.toMap(Function.identity(), object::statistics)));
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
