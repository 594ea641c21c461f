package io.natator.bench.topology;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Divides the CPU time of a run into stages of the work (such as decoding), by means of CPU time samples (JEP 509). */
final class SampledStages {
    /** The CPU time that a thread takes between two samples, in milliseconds. */
    static final int SAMPLED_MILLIS = 10;

    private static final double SAMPLED_SECONDS = SAMPLED_MILLIS / 1000.0;
    private static final String SAMPLE = "jdk.CPUTimeSample";

    /**
     * A part of the work, and the prefixes of the class names that belong to it. A sample belongs to the stage of its
     * innermost frame with such a prefix.
     */
    enum Stage {
        DECODE("decode snapshots", "io.natator.schemas.ConnectionSnapshot"),
        IDENTITY("identities", "io.natator.topology.identity."),
        ENTRY("ledger entries: serde", "io.natator.topology.ledger.EntrySerde", "io.natator.topology.ledger.Stored"),
        DUE("ledger: index of due entries", "io.natator.topology.ledger.DueIndex"),
        LEDGER("ledger: rules", "io.natator.topology.ledger."),
        ACTIVITY("activity events", "io.natator.topology.siem."),
        REPARTITION(
                "deltas: serde", "io.natator.topology.link.LinkDeltaSerde", "io.natator.topology.link.StoredLinkDelta"),
        TOTALS("totals", "io.natator.topology.link.Totals", "io.natator.topology.link.DeltaProcessor"),
        WINDOWS("windows", "io.natator.topology.link.Window"),
        LINKS("totals and windows: sums, serde", "io.natator.topology.link.", "io.natator.schemas.Link"),
        OWN("the rest of natator", "io.natator."),
        STORES("stores: RocksDB", "org.rocksdb."),
        CHANGELOG("stores: caching, changelog", "org.apache.kafka.streams.state."),
        PRODUCER("producer", "org.apache.kafka.clients.producer."),
        CONSUMER("consumer", "org.apache.kafka.clients.consumer.", "org.apache.kafka.clients."),
        STREAMS("Kafka Streams", "org.apache.kafka.streams."),
        OTHER("other Java threads");

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
        private final List<String> prefixes;

        Stage(String title, String... prefixes) {
            this.title = title;
            this.prefixes = List.of(prefixes);
        }

        String title() {
            return title;
        }
    }

    private final Map<Stage, Integer> samples = new EnumMap<>(Stage.class);
    private final Map<String, Integer> hottest = new HashMap<>();
    private int total;

    private SampledStages() {}

    /** Reads the samples of a recording that are later than {@code since}. */
    static SampledStages of(Path recording, Instant since) throws IOException {
        var stages = new SampledStages();
        try (var file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals(SAMPLE)
                        && event.getStartTime().isAfter(since)) {
                    stages.add(event);
                }
            }
        }
        return stages;
    }

    /** The number of samples in the recording. */
    int total() {
        return total;
    }

    /** CPU time of a stage in seconds. */
    double seconds(Stage stage) {
        return samples.getOrDefault(stage, 0) * SAMPLED_SECONDS;
    }

    /** CPU time of all stages in seconds. Only Java threads are sampled. */
    double seconds() {
        return total * SAMPLED_SECONDS;
    }

    /** The methods with the most samples, with their shares. */
    List<Map.Entry<String, Double>> hottest(int count) {
        return hottest.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(count)
                .map(entry -> Map.entry(entry.getKey(), (double) entry.getValue() / total))
                .toList();
    }

    private void add(RecordedEvent event) {
        total++;
        if (event.getStackTrace() == null || event.getStackTrace().getFrames().isEmpty()) {
            samples.merge(Stage.OTHER, 1, Integer::sum);
            return;
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        hottest.merge(name(frames.getFirst()), 1, Integer::sum);
        samples.merge(stage(frames), 1, Integer::sum);
    }

    /**
     * Finds the stage of a sample by the innermost stack frame that belongs to a stage. Stores and serdes are separate
     * stages, no matter which code calls them.
     */
    private static Stage stage(List<RecordedFrame> frames) {
        for (RecordedFrame frame : frames) {
            String name = name(frame);
            for (Stage stage : Stage.values()) {
                if (stage != Stage.OWN && stage.prefixes.stream().anyMatch(name::startsWith)) {
                    return stage;
                }
            }
            if (name.startsWith("io.natator.schemas.AvroSerde")) {
                return serde(frames);
            }
        }
        return frames.stream().anyMatch(frame -> name(frame).startsWith("io.natator.")) ? Stage.OWN : Stage.OTHER;
    }

    /** Finds the stage of a serde by its caller, because Avro's stack frames are the same for all types. */
    private static Stage serde(List<RecordedFrame> frames) {
        for (RecordedFrame frame : frames) {
            String name = name(frame);
            if (name.startsWith("org.apache.kafka.streams.processor.internals.SourceNode")
                    || name.startsWith("org.apache.kafka.streams.processor.internals.RecordDeserializer")) {
                return Stage.DECODE;
            }
            if (name.startsWith("org.apache.kafka.streams.processor.internals.SinkNode")) {
                return Stage.REPARTITION;
            }
            for (Stage stage :
                    List.of(Stage.IDENTITY, Stage.ENTRY, Stage.ACTIVITY, Stage.TOTALS, Stage.WINDOWS, Stage.LEDGER)) {
                if (stage.prefixes.stream().anyMatch(name::startsWith)) {
                    return stage;
                }
            }
        }
        return Stage.OWN;
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod() == null
                ? ""
                : frame.getMethod().getType().getName() + "."
                        + frame.getMethod().getName();
    }
}
