package io.natator.http.command;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Reads options that are not on the command line from environment variables. For example, {@code NATATOR_SETTLE_AFTER}
 * sets {@code --settle-after}. If the variable is not set, the option's default applies. {@code --help} and {@code
 * --version} have no variable. Immutable.
 */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private static final String PREFIX = "NATATOR_";

    private final Map<String, String> environment;
    private final Map<String, String> retired;

    /**
     * Creates an instance that reads this environment.
     *
     * @param retired variables that earlier versions read, with the option that each set
     */
    EnvironmentDefaults(Map<String, String> environment, Map<String, String> retired) {
        this.environment = Map.copyOf(environment);
        this.retired = Map.copyOf(retired);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        return environment.get(variable(option.longestName()));
    }

    /** The variable of an option, such as {@code NATATOR_HTTP_PORT} for {@code --http-port}. */
    private static String variable(String option) {
        return PREFIX + option.replaceFirst("^--", "").replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /**
     * An error in one line if a retired variable is set and its option is set in no other way: the user would otherwise
     * not notice that the setting has no effect. Empty if there is none.
     */
    Optional<String> retiredVariable(OptionSpec option, ParseResult parsed) {
        String variable = variable(option.longestName());
        if (parsed.hasMatchedOption(option) || environment.containsKey(variable)) {
            return Optional.empty();
        }
        return retired.entrySet().stream()
                .filter(entry -> entry.getValue().equals(option.longestName()))
                .map(Map.Entry::getKey)
                .filter(environment::containsKey)
                .sorted()
                .findFirst()
                .map(name -> "the environment variable " + name + " is no longer read: set " + variable + " instead");
    }
}
