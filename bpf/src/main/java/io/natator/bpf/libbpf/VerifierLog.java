package io.natator.bpf.libbpf;

import java.util.List;

/** Summarizes in one line the log that libbpf prints, which can contain the log of the kernel's verifier. */
final class VerifierLog {
    private static final String BEGIN = "BEGIN PROG LOAD LOG";
    private static final String END = "END PROG LOAD LOG";

    private VerifierLog() {}

    /**
     * Returns the last useful line of the verifier's log, with the number of omitted lines. If the verifier printed
     * nothing, returns the first line that libbpf printed; empty if there are no lines.
     */
    static String summary(List<String> lines) {
        int begin = indexOf(lines, BEGIN, 0);
        if (begin < 0) {
            return lines.stream()
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .map(VerifierLog::withoutPrefix)
                    .orElse("");
        }
        int end = indexOf(lines, END, begin);
        List<String> verifier = lines.subList(begin + 1, end < 0 ? lines.size() : end);
        List<String> useful = verifier.stream().filter(VerifierLog::isUseful).toList();
        if (useful.isEmpty()) {
            return withoutPrefix(lines.getFirst());
        }
        int omitted = verifier.size() - 1;
        return useful.getLast().strip() + (omitted == 0 ? "" : " (" + omitted + " lines omitted)");
    }

    private static boolean isUseful(String line) {
        return !line.isBlank()
                && !line.startsWith("processed ")
                && !line.startsWith("verification time ")
                && !line.startsWith("stack depth ");
    }

    private static String withoutPrefix(String line) {
        return line.strip().replaceFirst("^libbpf: ", "");
    }

    private static int indexOf(List<String> lines, String part, int from) {
        for (int index = from; index < lines.size(); index++) {
            if (lines.get(index).contains(part)) {
                return index;
            }
        }
        return -1;
    }
}
