package io.natator.http.command;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The help of a command.
 *
 * @param text the whole page
 * @param options the options, in the order of the page
 * @param subcommands the names of the subcommands
 */
public record HelpPage(String text, List<HelpOption> options, List<String> subcommands) {
    private static final Pattern OPTION = Pattern.compile(
            "(?: {2}(?<short>-\\w), | {6})--(?<no>\\[no-])?(?<name>[a-z0-9-]+)(?:=(?<label>\\S+?)(?<several>\\[,\\S*\\.\\.\\.])?)?(?:\\s+(?<text>\\S.*))?");
    private static final Pattern CONTINUED = Pattern.compile(" {8,}(\\S.*)");
    private static final Pattern SUBCOMMAND = Pattern.compile(" {2}([a-z-]+) {2,}\\S.*");

    /** Parses the output of {@code --help}. */
    public static HelpPage parse(String text) {
        List<HelpOption> options = new ArrayList<>();
        List<String> subcommands = new ArrayList<>();
        boolean inOptions = false;
        boolean inCommands = false;
        for (String line : text.lines().toList()) {
            Matcher option = OPTION.matcher(line);
            Matcher continued = CONTINUED.matcher(line);
            Matcher subcommand = SUBCOMMAND.matcher(line);
            if (option.matches()) {
                options.add(option(option));
                inOptions = true;
            } else if (inOptions && continued.matches()) {
                options.add(continued(options.removeLast(), continued.group(1)));
            } else if (inCommands && subcommand.matches()) {
                subcommands.add(subcommand.group(1));
            } else if (!continued.matches()) {
                inOptions = false;
                inCommands = line.equals("Commands:");
            }
        }
        return new HelpPage(text, List.copyOf(options), List.copyOf(subcommands));
    }

    private static HelpOption option(Matcher line) {
        List<String> names = new ArrayList<>(List.of("--" + line.group("name")));
        if (line.group("short") != null) {
            names.add(line.group("short"));
        }
        return new HelpOption(
                List.copyOf(names),
                line.group("no") != null,
                orEmpty(line.group("label")),
                line.group("several") != null,
                orEmpty(line.group("text")));
    }

    private static HelpOption continued(HelpOption option, String more) {
        return new HelpOption(
                option.names(),
                option.negatable(),
                option.label(),
                option.several(),
                (option.description() + " " + more).strip());
    }

    private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }

    /** Whether the page says that environment variables can set options. */
    boolean namesTheEnvironment() {
        return text.contains("NATATOR_HTTP_PORT sets --http-port");
    }

    HelpOption option(String name) {
        return options.stream()
                .filter(option -> option.names().contains(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the help has no option " + name));
    }
}
