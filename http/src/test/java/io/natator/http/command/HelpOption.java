package io.natator.http.command;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An option as a help page shows it.
 *
 * @param names the long name, without {@code [no-]}, and the short one where it has one
 * @param negatable shown as {@code --[no-]name}
 * @param label of its value; empty if it takes none
 * @param several shown with {@code [,LABEL...]}
 * @param description in one line
 */
public record HelpOption(List<String> names, boolean negatable, String label, boolean several, String description) {
    private static final Pattern DEFAULT = Pattern.compile("\\(default: ([^;)]+)");
    private static final Pattern NEEDED = Pattern.compile("\\bneeds (--[a-z0-9-]+)");
    private static final Pattern SPECIAL = Pattern.compile("(-?\\d+) for ");
    private static final Pattern RANGE = Pattern.compile("\\b(\\d+(?:ms|[smhd])?) to (\\d+(?:ms|[smhd])?)\\b");

    private static final Set<String> NOT_WORDS =
            Set.of("N", "BYTES", "BITS", "PERCENT", "PORT", "DURATION", "CIDR", "INODE");

    /** The long name. */
    public String name() {
        return names.getFirst();
    }

    /** Whether it prints the help or the version. */
    boolean informs() {
        return Stream.of("--help", "--version").anyMatch(names::contains);
    }

    /** Whether its type refuses an arbitrary word: numbers, durations, ranges, a choice of words. */
    boolean refusesWords() {
        return negatable
                || (!label.isEmpty() && label.equals(label.toLowerCase(Locale.ROOT)))
                || NOT_WORDS.contains(label);
    }

    /** The default, if the help writes it as a value: in one word. */
    Optional<String> writtenDefault() {
        return find(DEFAULT).map(match -> match.group(1).strip()).filter(text -> !text.contains(" "));
    }

    /** The environment variable that sets it. */
    public String variable() {
        return "NATATOR_" + name().substring("--".length()).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Options that it needs. */
    List<String> needed() {
        return NEEDED.matcher(description)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** Values with a meaning of their own, and the ends of a range that depends on no other option. */
    List<String> mentionedValues() {
        Stream<String> special = SPECIAL.matcher(description).results().map(match -> match.group(1));
        Stream<String> ends = description.contains("--")
                ? Stream.empty()
                : RANGE.matcher(description).results().flatMap(match -> Stream.of(match.group(1), match.group(2)));
        return Stream.concat(special, ends).toList();
    }

    /** The alternatives of its label. */
    List<String> alternatives() {
        return Arrays.asList(label.split("\\|", -1));
    }

    private Optional<MatchResult> find(Pattern pattern) {
        Matcher matcher = pattern.matcher(description);
        return matcher.find() ? Optional.of(matcher.toMatchResult()) : Optional.empty();
    }

    /** As the help shows it. */
    @Override
    public String toString() {
        String shown = negatable ? name().replaceFirst("^--", "--[no-]") : name();
        return shown + (label.isEmpty() ? "" : "=" + label) + (several ? "[,...]" : "");
    }
}
