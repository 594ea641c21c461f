package io.natator.topology.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;

/**
 * Meters of the JVM's memory and of the processors. Must be bound before other meters, because its filters only affect
 * meters that are registered later.
 */
public final class ProcessMeters implements MeterBinder {
    public ProcessMeters() {}

    @Override
    public void bindTo(MeterRegistry registry) {
        // These two meters are removed: their names break Prometheus' rules (promtool check metrics), and no dashboard
        // needs them.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }
}
