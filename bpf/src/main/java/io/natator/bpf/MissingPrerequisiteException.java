package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import java.util.List;

/** Says that the kernel or the process lacks something that the kernel side needs. */
public final class MissingPrerequisiteException extends BpfException {
    private final transient List<String> problems;

    MissingPrerequisiteException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns one line for each problem: {@code what failed: why: what to do}. Never empty. */
    public List<String> problems() {
        return problems;
    }
}
