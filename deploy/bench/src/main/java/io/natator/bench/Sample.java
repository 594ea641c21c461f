package io.natator.bench;

import java.util.ArrayList;
import java.util.List;

/** Measurements of one thing, and what they say. Not thread-safe. */
public final class Sample {
    private final List<Double> values = new ArrayList<>();

    /** Takes one in. */
    public void add(double value) {
        values.add(value);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** The middle one. */
    public double median() {
        return quantile(0.5);
    }

    /** Half of the middle half's width, as a part of the median: 0.01 is one percent to either side. */
    public double spread() {
        return (quantile(0.75) - quantile(0.25)) / 2 / median();
    }

    /** The value below which that part of the values lies, interpolated between neighbours. */
    private double quantile(double part) {
        List<Double> sorted = values.stream().sorted().toList();
        double position = part * (sorted.size() - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.size() - 1);
        return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    }

    /** The quotients of values that were measured one after the other. */
    public static Sample ratios(Sample numerators, Sample denominators) {
        var ratios = new Sample();
        for (int index = 0; index < Math.min(numerators.values.size(), denominators.values.size()); index++) {
            ratios.add(numerators.values.get(index) / denominators.values.get(index));
        }
        return ratios;
    }
}
