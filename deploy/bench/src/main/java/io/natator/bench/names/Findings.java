package io.natator.bench.names;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of a comparison of the topic with the cluster: for each category of values, the number of right values and
 * a description of each wrong value. Not thread-safe.
 */
final class Findings {
    private final Map<String, Integer> right = new LinkedHashMap<>();
    private final Map<String, Integer> others = new LinkedHashMap<>();
    private final Map<String, List<String>> wrong = new LinkedHashMap<>();

    void check(String what, boolean isRight, java.util.function.Supplier<String> otherwise) {
        right.merge(what, isRight ? 1 : 0, Integer::sum);
        if (!isRight) {
            wrong.computeIfAbsent(what, key -> new ArrayList<>()).add(otherwise.get());
        }
    }

    void count(String what) {
        others.merge(what, 1, Integer::sum);
    }

    void count(String what, int number) {
        others.merge(what, number, Integer::sum);
    }

    void add(Findings more) {
        more.right.forEach((what, number) -> right.merge(what, number, Integer::sum));
        more.others.forEach((what, number) -> others.merge(what, number, Integer::sum));
        more.wrong.forEach((what, found) ->
                wrong.computeIfAbsent(what, key -> new ArrayList<>()).addAll(found));
    }

    /** The number of right values in each category. */
    Map<String, Integer> right() {
        return right;
    }

    /** The number of values that are neither right nor wrong, in each category. */
    Map<String, Integer> others() {
        return others;
    }

    /** The descriptions of the wrong values in each category. */
    Map<String, List<String>> wrong() {
        return wrong;
    }

    int numberWrong() {
        return wrong.values().stream().mapToInt(List::size).sum();
    }
}
