package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfMap;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the records that another version of the kernel side has left in its pinned maps. {@link #detach} detaches the
 * programs of the other version; {@link TakeoverOrder} decides when. {@link #poll} reads the records, using the layout
 * description that is pinned beside the maps. When all records are released, the pins are removed. Records that cannot
 * be read are counted, logged and removed.
 */
final class OtherVersion implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OtherVersion.class);

    private static final List<String> SPILLS = List.of(MapNames.SPILL, MapNames.SPILL_SEEN);
    /**
     * The pins from which records are read. {@link #detach} removes all other pins, among them the links of the
     * programs.
     */
    private static final Set<String> READ_PINS = Set.of(
            MapNames.EVENTS, MapNames.SPILL, MapNames.SPILL_SEEN, MapNames.FLOWS, MapNames.FOLD, PinDirectory.LAYOUT);

    private static final Set<String> RECORD_NEEDS = Set.of(
            "cookie",
            "start_nanos",
            "observed_nanos",
            "fingerprint",
            "bytes_sent",
            "bytes_acked",
            "bytes_received",
            "local_address",
            "remote_address",
            "local_port",
            "remote_port",
            "event",
            "protocol",
            "role");
    private static final Set<String> KEY_NEEDS = Set.of("local_address", "remote_address", "server_port", "role");
    private static final Set<String> VALUE_NEEDS =
            Set.of("start_nanos", "observed_nanos", "bytes_sent", "bytes_acked", "bytes_received", "connections");

    private final PinDirectory.Version pins;
    private final AtomicLong discarded;
    private final List<BpfMap> maps = new ArrayList<>();
    private final Deque<SocketRecord> waiting = new ArrayDeque<>();
    private @Nullable RingBuffer ring;
    private @Nullable Transcoder records;
    private boolean mapsRead;
    private long read;
    private long unreleased;
    private boolean closed;

    /**
     * Takes ownership of the pins. The programs of the other version stay attached until {@link #detach}.
     *
     * @param pins closed with this object
     * @param discarded incremented for each record that cannot be read
     */
    OtherVersion(PinDirectory.Version pins, AtomicLong discarded) {
        this.pins = pins;
        this.discarded = discarded;
    }

    /**
     * Detaches the programs of the other version, and opens its ring buffer. Must be called once, before {@link #poll}.
     */
    void detach() {
        pins.removeAllBut(READ_PINS);
        try {
            LayoutDescription layout = layout();
            records = Transcoder.of(layout.struct("natator_record"), RecordLayout.RECORD, RECORD_NEEDS);
            ring = new RingBuffer(open(MapNames.EVENTS));
        } catch (BpfException notUnderstood) {
            abandon(notUnderstood);
        }
    }

    private LayoutDescription layout() {
        Path description = pins.path(PinDirectory.LAYOUT);
        if (!Files.exists(description)) {
            throw new BpfException("layout not understood: it was not described");
        }
        return LayoutDescription.parse(open(PinDirectory.LAYOUT).firstValue());
    }

    private BpfMap open(String map) {
        BpfMap pinned = BpfMap.openPinned(pins.path(map));
        maps.add(pinned);
        return pinned;
    }

    private void abandon(BpfException why) {
        long lost = countRing() + countEntries();
        discarded.addAndGet(lost);
        log.atWarn()
                .addKeyValue("pins", pins.directory())
                .addKeyValue("records", lost)
                .addKeyValue("reason", why.getMessage())
                .log("Removed records of another version that cannot be read");
        removePins();
    }

    private long countRing() {
        if (!Files.exists(pins.path(MapNames.EVENTS))) {
            return 0;
        }
        try (RingBuffer unread = new RingBuffer(open(MapNames.EVENTS))) {
            return unread.read(Integer.MAX_VALUE, record -> {});
        }
    }

    private long countEntries() {
        AtomicLong entries = new AtomicLong();
        for (String map : List.of(MapNames.SPILL, MapNames.SPILL_SEEN, MapNames.FLOWS, MapNames.FOLD)) {
            if (Files.exists(pins.path(map))) {
                open(map).forEach((key, value) -> entries.incrementAndGet());
            }
        }
        return entries.get();
    }

    /**
     * Returns the next records. When all records are read and released, the next call removes the pins and returns no
     * records.
     */
    SocketBatch poll(int limit) {
        RingBuffer events = ring;
        if (events == null) {
            return SocketBatch.EMPTY;
        }
        List<SocketRecord> batch = new ArrayList<>();
        events.read(limit, record -> decode(record, batch::add));
        if (batch.isEmpty() && !mapsRead && events.isExhausted()) {
            mapsRead = true;
            readMaps();
        }
        while (batch.size() < limit && !waiting.isEmpty()) {
            batch.add(waiting.removeFirst());
        }
        if (!batch.isEmpty()) {
            read += batch.size();
            unreleased++;
            return new Batch(List.copyOf(batch), events.position());
        }
        if (mapsRead && unreleased == 0) {
            log.atInfo()
                    .addKeyValue("pins", pins.directory())
                    .addKeyValue("records", read)
                    .log("Read all records of another version, and removed its pins");
            removePins();
        }
        return SocketBatch.EMPTY;
    }

    private void readMaps() {
        for (String spill : SPILLS) {
            if (Files.exists(pins.path(spill))) {
                open(spill).forEach((key, value) -> decode(value, waiting::add));
            }
        }
        if (Files.exists(pins.path(MapNames.FLOWS))) {
            // The programs are detached, so these flows get no more datagrams: they are reported as ended.
            open(MapNames.FLOWS)
                    .forEach((key, value) -> decode(value, record -> waiting.add(record), RecordLayout::end));
        }
        if (Files.exists(pins.path(MapNames.FOLD))) {
            readFold(open(MapNames.FOLD));
        }
    }

    private void readFold(BpfMap fold) {
        try {
            LayoutDescription layout = layout();
            Transcoder keys = Transcoder.of(layout.struct("natator_fold_key"), FoldLayout.KEY, KEY_NEEDS);
            Transcoder values = Transcoder.of(layout.struct("natator_fold_value"), FoldLayout.VALUE, VALUE_NEEDS);
            fold.forEach((key, value) ->
                    waiting.add(FoldLayout.folded(FoldLayout.key(keys.apply(key)), values.apply(value))));
        } catch (BpfException notUnderstood) {
            AtomicLong sums = new AtomicLong();
            fold.forEach((key, value) -> sums.incrementAndGet());
            discarded.addAndGet(sums.get());
            log.atWarn()
                    .addKeyValue("pins", pins.directory())
                    .addKeyValue("records", sums.get())
                    .addKeyValue("reason", notUnderstood.getMessage())
                    .log("Removed sums of another version that cannot be read");
        }
    }

    private void decode(MemorySegment record, Consumer<SocketRecord> consumer) {
        decode(record, consumer, unchanged -> {});
    }

    private void decode(MemorySegment record, Consumer<SocketRecord> consumer, Consumer<MemorySegment> change) {
        Transcoder transcoder = records;
        try {
            if (transcoder != null) {
                MemorySegment ours = transcoder.apply(record);
                change.accept(ours);
                consumer.accept(RecordLayout.socket(ours));
            }
        } catch (BpfException | ArrayIndexOutOfBoundsException unknown) {
            // The record is too short, or has an event, a role or a close reason that this version does not know.
            if (discarded.getAndIncrement() == 0) {
                log.atWarn()
                        .addKeyValue("pins", pins.directory())
                        .log("Discarded a record of another version that cannot be read");
            }
        }
    }

    /** Whether all records are read and released. */
    boolean isDone() {
        return closed;
    }

    private void removePins() {
        pins.removeAllBut(Set.of());
        close();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        RingBuffer open = ring;
        ring = null;
        if (open != null) {
            open.close();
        }
        maps.forEach(BpfMap::close);
        pins.close();
    }

    private final class Batch implements SocketBatch {
        private final List<SocketRecord> content;
        private final long ringEnd;
        private boolean released;

        private Batch(List<SocketRecord> content, long ringEnd) {
            this.content = content;
            this.ringEnd = ringEnd;
        }

        @Override
        public List<SocketRecord> records() {
            return content;
        }

        @Override
        public void release() {
            RingBuffer open = ring;
            if (!released && open != null) {
                released = true;
                unreleased--;
                open.release(ringEnd);
            }
        }
    }
}
