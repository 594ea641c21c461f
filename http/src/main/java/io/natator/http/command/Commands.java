package io.natator.http.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Sets up how all commands read their options and report errors. */
public final class Commands {
    /** The line of the help that says how durations are written. */
    public static final String DURATIONS = "A DURATION is a whole number and a unit: 200ms, 5s, 2m, 1h, 7d.";

    /** The line of the help that says which options can be repeated. */
    public static final String REPEATED = "Options that show [,...] take several values and can be repeated.";

    /** The line of the help that says how environment variables set options. */
    public static final String ENVIRONMENT =
            "Each option can also be set in the environment: NATATOR_HTTP_PORT sets --http-port.";

    private static final int COLUMNS = 100;
    private static final int WRONG_OPTIONS = 2;

    private Commands() {}

    /**
     * Sets up a command and its subcommands. An option that is not on the command line is read from the environment.
     * Errors are collected instead of thrown, so that {@link #errors} can report all of them together.
     *
     * @param environment the variables, usually {@code System.getenv()}
     * @param retired variables that earlier versions read, with the option that each set; {@link #errors} reports their
     *     use
     */
    public static CommandLine serviceCommand(
            CommandLine command, Map<String, String> environment, Map<String, String> retired) {
        return command(command).setDefaultValueProvider(new EnvironmentDefaults(environment, retired));
    }

    /**
     * Reads a configuration from arguments, for a program that starts a service in its own process. Environment
     * variables are not read.
     *
     * @param options an object with picocli's annotations, whose fields are set
     * @param configuration creates the configuration from the options, and adds problems to the list
     * @param arguments arguments as on the command line; missing options have their defaults
     * @throws IllegalArgumentException if there are problems; the message lists all of them
     */
    public static <O, C> C read(O options, BiFunction<O, List<String>, C> configuration, String... arguments) {
        CommandLine command = command(new CommandLine(options));
        command.parseArgs(arguments);
        throwIfAny(errors(command));
        List<String> problems = new ArrayList<>();
        C config = configuration.apply(options, problems);
        throwIfAny(problems);
        return config;
    }

    private static void throwIfAny(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Sets up a command that reads options from the command line only. */
    public static CommandLine command(CommandLine command) {
        collectErrors(command);
        return convertsValues(command).setUsageHelpWidth(COLUMNS).setParameterExceptionHandler(Commands::refuse);
    }

    private static CommandLine convertsValues(CommandLine command) {
        return command.registerConverter(Duration.class, new DurationConverter())
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Reports an error that picocli cannot collect. Returns the exit code. */
    private static int refuse(ParameterException refused, String[] arguments) {
        return reject(refused.getCommandLine(), List.of(String.valueOf(refused.getMessage())));
    }

    /**
     * The errors of a parsed command, and the retired variables that are set, one line each. After the first error,
     * picocli does not set the defaults of the remaining options. This method sets them, so that the rest of the
     * configuration can be checked.
     */
    public static List<String> errors(CommandLine command) {
        ParseResult parsed = command.getParseResult();
        Set<String> errors = new LinkedHashSet<>();
        Set<ArgSpec> unread = new HashSet<>();
        for (Exception error : parsed.errors()) {
            errors.add(String.valueOf(error.getMessage()));
            if (error instanceof ParameterException wrong && wrong.getArgSpec() != null) {
                unread.add(wrong.getArgSpec());
            }
        }
        if (!errors.isEmpty()) {
            command.getCommandSpec().options().stream()
                    .filter(option -> !option.usageHelp() && !option.versionHelp())
                    .filter(option -> unread.contains(option) || !parsed.hasMatchedOption(option))
                    .forEach(option -> applyDefault(command, option, errors));
        }
        if (command.getDefaultValueProvider() instanceof EnvironmentDefaults environment && !parsed.hasSubcommand()) {
            command.getCommandSpec().options().stream()
                    .flatMap(option -> environment.retiredVariable(option, parsed).stream())
                    .forEach(errors::add);
        }
        return List.copyOf(errors);
    }

    /**
     * Prints the problems of a command, one line each, and refers to its help.
     *
     * @return the exit code for wrong options
     */
    public static int reject(CommandLine command, List<String> problems) {
        PrintWriter errors = command.getErr();
        problems.forEach(errors::println);
        errors.println("see " + command.getCommandSpec().qualifiedName() + " --help");
        errors.flush();
        return WRONG_OPTIONS;
    }

    private static void applyDefault(CommandLine command, OptionSpec option, Set<String> errors) {
        try {
            alone(option)
                    .setDefaultValueProvider(command.getDefaultValueProvider())
                    .parseArgs();
        } catch (ParameterException wrongVariable) {
            errors.add(String.valueOf(wrongVariable.getMessage()));
            var _ = alone(option).parseArgs();
        }
    }

    /**
     * Creates a command that has only this option. Parsing its arguments sets the option's field in the original
     * command.
     */
    private static CommandLine alone(OptionSpec option) {
        return convertsValues(new CommandLine(
                CommandSpec.create().addOption(OptionSpec.builder(option).build())));
    }

    private static void collectErrors(CommandLine command) {
        command.getCommandSpec().parser().collectErrors(true);
        command.getSubcommands().values().forEach(Commands::collectErrors);
    }
}
