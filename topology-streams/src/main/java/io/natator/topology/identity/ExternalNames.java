package io.natator.topology.identity;

import io.natator.schemas.CidrBlock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Configured names of external address ranges ({@code --cidr-names}). If an address is in several ranges, the range
 * with the longest prefix names the address. Immutable.
 */
public final class ExternalNames {
    public static final ExternalNames NONE = new ExternalNames(Map.of());

    /** A line such as {@code 10.20.0.0/16: office}. Quotes around the range or the name are allowed, as in YAML. */
    private static final Pattern LINE = Pattern.compile("([\"']?)([^\\s\"']+)\\1\\s*:\\s+(.+)");

    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"|'([^']*)'");
    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");

    /** The named ranges, longest prefix first, so that the narrowest range that contains an address is found first. */
    private final List<Network> networks;

    /**
     * The names of all ranges of one IP version and one prefix length. The key of the map is the first address of a
     * range.
     */
    private record Network(int addressBytes, int prefixLength, Map<ByteBuffer, String> names) {
        Network(int addressBytes, int prefixLength) {
            this(addressBytes, prefixLength, new HashMap<>());
        }
    }

    private ExternalNames(Map<CidrBlock, String> names) {
        Map<List<Integer>, Network> found = new HashMap<>();
        names.forEach((range, name) -> {
            int addressBytes = range.network().remaining();
            found.computeIfAbsent(
                            List.of(addressBytes, range.prefixLength()),
                            key -> new Network(addressBytes, range.prefixLength()))
                    .names()
                    .put(range.network(), name);
        });
        networks = found.values().stream()
                .sorted(Comparator.comparingInt(Network::prefixLength).reversed())
                .toList();
    }

    /**
     * The result of parsing a file of names.
     *
     * @param names the names of all valid lines
     * @param problems one line for each invalid line of the file
     */
    public record Read(ExternalNames names, List<String> problems) {}

    /**
     * Reads lines of the form {@code CIDR: name}, a flat YAML map. Empty lines and comments are skipped. A single
     * address is allowed instead of a range.
     *
     * @param source name of the file; each problem starts with it
     */
    public static Read parse(String source, List<String> lines) {
        Map<CidrBlock, String> names = new HashMap<>();
        Map<CidrBlock, Integer> lineOf = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = COMMENT.matcher(lines.get(i)).replaceFirst("").strip();
            if (line.isEmpty() || line.equals("---")) {
                continue;
            }
            String where = source + " line " + (i + 1) + ": ";
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                problems.add(where + "'" + line + "' is not understood: write it as 10.20.0.0/16: office");
                continue;
            }
            String name = unquoted(matcher.group(3).strip());
            try {
                CidrBlock range = CidrBlock.parse(matcher.group(2));
                Integer before = lineOf.putIfAbsent(range, i + 1);
                if (name.isBlank()) {
                    problems.add(where + "the name is empty");
                } else if (before != null) {
                    problems.add(where + "the range " + matcher.group(2) + " is named already, in line " + before);
                } else {
                    names.put(range, name);
                }
            } catch (IllegalArgumentException e) {
                problems.add(where + e.getMessage());
            }
        }
        return new Read(new ExternalNames(names), List.copyOf(problems));
    }

    private static String unquoted(String name) {
        Matcher quoted = QUOTED.matcher(name);
        if (!quoted.matches()) {
            return name;
        }
        return quoted.group(1) != null ? quoted.group(1) : quoted.group(2);
    }

    /** The name of the narrowest range that contains the address (4 or 16 bytes); null if no range contains it. */
    @Nullable
    String name(ByteBuffer address) {
        for (Network network : networks) {
            if (network.addressBytes() == address.remaining()) {
                String name = network.names()
                        .get(CidrBlock.around(address, network.prefixLength()).network());
                if (name != null) {
                    return name;
                }
            }
        }
        return null;
    }
}
