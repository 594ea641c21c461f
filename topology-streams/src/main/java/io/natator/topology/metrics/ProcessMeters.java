package io.natator.topology.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;

/**
 * Meters of the JVM's memory and of the processors. Has to be bound before other meters, because its filters apply only
 * to meters that are registered later.
 */
public final class ProcessMeters implements MeterBinder {
    public ProcessMeters() {}

    @Override
    public void bindTo(MeterRegistry registry) {
        // The names of these two meters break Prometheus' rules (promtool check metrics), and no dashboard needs them.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }
}
