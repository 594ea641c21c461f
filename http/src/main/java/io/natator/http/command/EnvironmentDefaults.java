package io.natator.http.command;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Reads an option that is not given from the environment: {@code --settle-after} from {@code NATATOR_SETTLE_AFTER}. Without
 * the variable the option's own default applies. {@code --help} and {@code --version} have no variable. Immutable.
 */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private final Map<String, String> environment;
    private final Map<String, List<String>> otherNames;

    /**
     * Reads from this environment.
     *
     * @param otherNames options, by name, that have other variables; the first that is set applies
     */
    EnvironmentDefaults(Map<String, String> environment, Map<String, List<String>> otherNames) {
        this.environment = Map.copyOf(environment);
        this.otherNames = Map.copyOf(otherNames);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        String name = option.longestName();
        String variable =
                "NATATOR_" + name.replaceFirst("^--", "").replace('-', '_').toUpperCase(Locale.ROOT);
        return otherNames.getOrDefault(name, List.of(variable)).stream()
                .map(environment::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
