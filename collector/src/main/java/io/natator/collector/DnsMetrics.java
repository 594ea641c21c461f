package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.collector.dns.DnsNames;
import java.util.function.ToDoubleFunction;

/** The collector's metrics about DNS names. They exist only if names are published. */
final class DnsMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.dns.";

    /**
     * The meter registry holds only a weak reference to this object. The thread that collects holds a strong one, so
     * the object exists while the collector runs.
     */
    private final DnsNames names;

    DnsMetrics(DnsNames names) {
        this.names = names;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(
                registry,
                "answers",
                "DNS answers that the kernel side copied",
                it -> it.answers().copied());
        counter(
                registry,
                "answers.truncated",
                "Copied DNS answers of which only the beginning was copied",
                it -> it.answers().truncated());
        counter(
                registry,
                "answers.dropped",
                "DNS answers dropped, because the ring buffer was full or they could not be copied",
                it -> it.answers().dropped());
        counter(registry, "answers.unreadable", "Copied answers that are not DNS messages", DnsNames::unreadable);
        counter(registry, "names.published", "DNS names whose record Kafka acknowledged", DnsNames::acknowledged);
        counter(
                registry,
                "names.limited",
                "DNS names that were not published because of the rate limit",
                DnsNames::limited);
    }

    private void counter(MeterRegistry registry, String name, String description, ToDoubleFunction<DnsNames> value) {
        FunctionCounter.builder(PREFIX + name, names, value)
                .description(description)
                .register(registry);
    }
}
