package io.natator.topology.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommitHookTest {
    private static final String SUM = "sum";
    private static final String COMMIT = "commit";

    /** A processor that adds up numbers, and writes and forwards the sum before each commit. */
    private static final class Summing implements ProcessorSupplier<String, Long, String, Long> {
        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    CommitHook.builder(COMMIT),
                    Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(SUM), Serdes.String(), Serdes.Long()));
        }

        @Override
        public Processor<String, Long, String, Long> get() {
            return new Processor<>() {
                private long sum;
                private @Nullable ProcessorContext<String, Long> context;

                @Override
                public void init(ProcessorContext<String, Long> itsContext) {
                    context = itsContext;
                    CommitHook.register(itsContext, COMMIT, this::flush);
                    itsContext.schedule(Duration.ofSeconds(1), PunctuationType.WALL_CLOCK_TIME, now -> sum += 100);
                }

                @Override
                public void process(Record<String, Long> record) {
                    sum += record.value();
                }

                private void flush() {
                    if (context != null) {
                        KeyValueStore<String, Long> store = context.getStateStore(SUM);
                        store.put(SUM, sum);
                        context.forward(new Record<>(SUM, sum, 7));
                    }
                }
            };
        }
    }

    @Test
    void workRunsBeforeEachCommit() {
        // Given
        var builder = new StreamsBuilder();
        builder.stream("in", Consumed.with(Serdes.String(), Serdes.Long()))
                .process(new Summing())
                .to("out", Produced.with(Serdes.String(), Serdes.Long()));
        var settings = new Properties();
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        try (var driver = new TopologyTestDriver(builder.build(), settings)) {
            var in = driver.createInputTopic("in", new StringSerializer(), new LongSerializer());
            var out = driver.createOutputTopic("out", new StringDeserializer(), new LongDeserializer());

            // When the driver commits after each record and after the punctuation
            in.pipeInput("any", 1L);
            in.pipeInput("any", 2L);
            driver.advanceWallClockTime(Duration.ofSeconds(1));

            // Then
            assertThat(out.readKeyValuesToList())
                    .containsExactly(KeyValue.pair(SUM, 1L), KeyValue.pair(SUM, 3L), KeyValue.pair(SUM, 103L));
            assertThat(driver.getKeyValueStore(SUM).get(SUM)).isEqualTo(103L);
        }
    }
}
