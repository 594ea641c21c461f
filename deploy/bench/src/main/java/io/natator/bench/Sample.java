package io.natator.bench;

import java.util.ArrayList;
import java.util.List;

/** The measurements of one quantity. Not thread-safe. */
public final class Sample {
    private final List<Double> values = new ArrayList<>();

    /** Adds a measurement. */
    public void add(double value) {
        values.add(value);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** The median of the measurements. */
    public double median() {
        return quantile(0.5);
    }

    /** Half of the interquartile range, relative to the median: 0.01 means ±1 %. */
    public double spread() {
        return (quantile(0.75) - quantile(0.25)) / 2 / median();
    }

    /** A quantile of the measurements, interpolated between the two nearest ones. */
    private double quantile(double part) {
        List<Double> sorted = values.stream().sorted().toList();
        double position = part * (sorted.size() - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    }

    /** Returns the ratio of each numerator to the denominator that was measured in the same round. */
    public static Sample ratios(Sample numerators, Sample denominators) {
        var ratios = new Sample();
        for (int index = 0; index < Math.min(numerators.values.size(), denominators.values.size()); index++) {
            ratios.add(numerators.values.get(index) / denominators.values.get(index));
        }
        return ratios;
    }
}
