package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.collector.dns.DnsNames;
import java.util.function.ToDoubleFunction;

/** The collector's figures about names asked for; there are none where they are not told of. */
final class DnsMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.dns.";

    /** What the registry holds weakly, and the loop strongly. */
    private final DnsNames names;

    DnsMetrics(DnsNames names) {
        this.names = names;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(
                registry,
                "answers",
                "Answers that the kernel side copied",
                it -> it.answers().copied());
        counter(
                registry,
                "answers.truncated",
                "Of those, copied in part",
                it -> it.answers().truncated());
        counter(
                registry,
                "answers.dropped",
                "Answers without room, or that could not be copied",
                it -> it.answers().dropped());
        counter(registry, "answers.unreadable", "Copied answers that are no message of the DNS", DnsNames::unreadable);
        counter(registry, "names.published", "Names that Kafka acknowledged", DnsNames::acknowledged);
        counter(registry, "names.limited", "Names held back because there were too many", DnsNames::limited);
    }

    private void counter(MeterRegistry registry, String name, String description, ToDoubleFunction<DnsNames> value) {
        FunctionCounter.builder(PREFIX + name, names, value)
                .description(description)
                .register(registry);
    }
}
