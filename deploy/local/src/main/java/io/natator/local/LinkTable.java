package io.natator.local;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Renders the busiest links as text. Links are ordered by their bytes since the last call, then by their total bytes.
 */
final class LinkTable {
    private static final String ROW = "%-28s %-28s %s%10s %10s %12s %8s %7s%n";
    private static final String SERVICE = "%-20s ";
    private static final int NAME_WIDTH = 28;
    private static final int SERVICE_WIDTH = 20;
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private final int rows;
    private Map<String, Long> bytesBefore = Map.of();

    LinkTable(int rows) {
        this.rows = rows;
    }

    /**
     * Renders the table, with one line for each of the busiest links.
     *
     * @param links all links, in any order
     * @param sinceLast time since the last call, for the rates
     */
    String render(List<LinkRow> links, Duration sinceLast) {
        Map<String, Long> bytesNow = new HashMap<>();
        links.forEach(link -> bytesNow.merge(link.key(), link.counters().bytes(), Long::sum));
        List<LinkRow> busiest = links.stream()
                .sorted(Comparator.comparingLong(this::recent)
                        .thenComparingLong(link -> link.counters().bytes())
                        .thenComparingLong(link -> link.counters().connections())
                        .reversed())
                .limit(rows)
                .toList();
        // Without a cluster, the column of Services would be empty.
        boolean services = busiest.stream().anyMatch(link -> !link.via().isEmpty());
        String body =
                busiest.stream().map(link -> line(link, services, sinceLast)).collect(Collectors.joining());
        bytesBefore = bytesNow;
        String header = String.format(
                Locale.ROOT,
                ROW,
                "CLIENT",
                "SERVER",
                services ? String.format(Locale.ROOT, SERVICE, "SERVICE") : "",
                "TO SERVER",
                "TO CLIENT",
                "RATE",
                "CONNS",
                "FAILED");
        String more = links.size() > rows ? String.format(Locale.ROOT, "… and %d more%n", links.size() - rows) : "";
        return header + body + more;
    }

    private String line(LinkRow link, boolean services, Duration sinceLast) {
        double seconds = Math.max(sinceLast.toMillis(), 1) / 1000.0;
        long rate = Math.round(recent(link) / seconds);
        return String.format(
                Locale.ROOT,
                ROW,
                fit(link.client(), NAME_WIDTH),
                fit(link.server() + ":" + link.serverPort(), NAME_WIDTH),
                services ? String.format(Locale.ROOT, SERVICE, fit(link.via(), SERVICE_WIDTH)) : "",
                humanBytes(link.counters().bytesToServer()),
                humanBytes(link.counters().bytesToClient()),
                rate == 0 ? "-" : humanBytes(rate) + "/s",
                link.counters().connections(),
                link.counters().failures() == 0 ? "-" : link.counters().failures());
    }

    /**
     * The bytes of a link since the last call; 0 on the first call. For a link that was not in the last call, these are
     * its total bytes.
     */
    private long recent(LinkRow link) {
        return bytesBefore.isEmpty()
                ? 0
                : Math.max(0, link.counters().bytes() - bytesBefore.getOrDefault(link.key(), 0L));
    }

    private static String fit(String text, int width) {
        String name = printable(text);
        return name.length() <= width
                ? name
                : name.substring(0, width / 2 - 1) + "…" + name.substring(name.length() - width / 2);
    }

    /**
     * Replaces characters that control the terminal, or the direction of the text, by their codes, such as
     * {@code \\u001b}. A name can contain any characters, because every process chooses its own name.
     */
    private static String printable(String name) {
        StringBuilder text = new StringBuilder(name.length());
        name.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }

    /** Formats a number of bytes with three significant digits and a decimal unit (SI, 1 kB = 1000 B). */
    static String humanBytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        String format = unit == 0 || value >= 99.95 ? "%.0f %s" : value >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, format, value, UNITS[unit]);
    }
}
