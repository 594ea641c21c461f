package io.natator.bpf.libbpf;

import java.util.List;

/** Says in one line what libbpf's log and the verifier's log in it say in many. */
final class VerifierLog {
    private static final String BEGIN = "BEGIN PROG LOAD LOG";
    private static final String END = "END PROG LOAD LOG";

    private VerifierLog() {}

    /**
     * The cause as libbpf gives it and the last line of the verifier that tells something, with how many were left out.
     * Empty if there are no lines.
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
        List<String> useful =
                verifier.stream().filter(VerifierLog::tellsSomething).toList();
        if (useful.isEmpty()) {
            return withoutPrefix(lines.getFirst());
        }
        int omitted = verifier.size() - 1;
        return useful.getLast().strip() + (omitted == 0 ? "" : " (" + omitted + " lines omitted)");
    }

    private static boolean tellsSomething(String line) {
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
