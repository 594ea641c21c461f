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
 * @param names the long name, without {@code [no-]}, and the short name if there is one
 * @param negatable true if the help shows {@code --[no-]name}
 * @param label the word that stands for the value, such as {@code PORT}; empty if the option has no value
 * @param several true if the help shows {@code [,LABEL...]}, so the option accepts several values
 * @param description the description, joined to one line
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

    /** Whether this is {@code --help} or {@code --version}. */
    boolean informs() {
        return Stream.of("--help", "--version").anyMatch(names::contains);
    }

    /** Whether the option refuses an arbitrary word, because its values are numbers, durations or a choice of words. */
    boolean refusesWords() {
        return negatable
                || (!label.isEmpty() && label.equals(label.toLowerCase(Locale.ROOT)))
                || NOT_WORDS.contains(label);
    }

    /** The default; empty if the help describes it in several words instead of a value. */
    Optional<String> writtenDefault() {
        return find(DEFAULT).map(match -> match.group(1).strip()).filter(text -> !text.contains(" "));
    }

    /** The environment variable that sets the option. */
    public String variable() {
        return "NATATOR_" + name().substring("--".length()).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** The other options that this option needs according to its description. */
    List<String> needed() {
        return NEEDED.matcher(description)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** The special values that the description mentions, and the smallest and the largest number of a range in it. */
    List<String> mentionedValues() {
        Stream<String> special = SPECIAL.matcher(description).results().map(match -> match.group(1));
        Stream<String> ends = description.contains("--")
                ? Stream.empty()
                : RANGE.matcher(description).results().flatMap(match -> Stream.of(match.group(1), match.group(2)));
        return Stream.concat(special, ends).toList();
    }

    /** The alternatives in the label, such as A and B in {@code A|B}. */
    List<String> alternatives() {
        return Arrays.asList(label.split("\\|", -1));
    }

    private Optional<MatchResult> find(Pattern pattern) {
        Matcher matcher = pattern.matcher(description);
        return matcher.find() ? Optional.of(matcher.toMatchResult()) : Optional.empty();
    }

    /** Returns the option as the help shows it. */
    @Override
    public String toString() {
        String shown = negatable ? name().replaceFirst("^--", "--[no-]") : name();
        return shown + (label.isEmpty() ? "" : "=" + label) + (several ? "[,...]" : "");
    }
}
