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

/** How all commands read their options and report what is wrong with them. */
public final class Commands {
    /** A line of the help: how durations are written. */
    public static final String DURATIONS = "A DURATION is a whole number and a unit: 200ms, 5s, 2m, 1h, 7d.";

    /** A line of the help: which options may be repeated. */
    public static final String REPEATED = "Options that show [,...] take several values and can be repeated.";

    /** A line of the help: how the environment sets options. */
    public static final String ENVIRONMENT =
            "Each option can also be set in the environment: NATATOR_HTTP_PORT sets --http-port.";

    private static final int COLUMNS = 100;
    private static final int WRONG_OPTIONS = 2;

    private Commands() {}

    /**
     * Sets up a command, its subcommands included, whose options come from the command line, else from the environment.
     * Errors are collected instead of thrown, so that all can be reported together.
     *
     * @param environment the variables, of {@code System.getenv()}
     * @param retired variables that earlier versions read, and the option each of them set; {@link #errors} refuses them
     */
    public static CommandLine serviceCommand(
            CommandLine command, Map<String, String> environment, Map<String, String> retired) {
        return command(command).setDefaultValueProvider(new EnvironmentDefaults(environment, retired));
    }

    /**
     * Reads a configuration for a program that starts a service itself. The environment is not read.
     *
     * @param options an object with picocli's annotations; its fields are set
     * @param configuration makes the configuration of the options, and adds to the list what cannot be read
     * @param arguments as on the command line; options that are missing have their defaults
     * @throws IllegalArgumentException with all arguments that cannot be read
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

    /** Sets up a command whose options come from the command line only. */
    public static CommandLine command(CommandLine command) {
        collectErrors(command);
        return convertsValues(command).setUsageHelpWidth(COLUMNS).setParameterExceptionHandler(Commands::refuse);
    }

    private static CommandLine convertsValues(CommandLine command) {
        return command.registerConverter(Duration.class, new DurationConverter())
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Ends the command on an error that picocli cannot collect. */
    private static int refuse(ParameterException refused, String[] arguments) {
        PrintWriter errors = refused.getCommandLine().getErr();
        errors.println(refused.getMessage());
        errors.println("see " + refused.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return WRONG_OPTIONS;
    }

    /**
     * What could not be read of a command that has been parsed, and retired variables, one line each. picocli stops at the
     * first error and leaves further options without their defaults. This method applies those defaults, so that everything
     * else can be checked.
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

    /** A command with this option only; parsing it sets the same field. */
    private static CommandLine alone(OptionSpec option) {
        return convertsValues(new CommandLine(
                CommandSpec.create().addOption(OptionSpec.builder(option).build())));
    }

    private static void collectErrors(CommandLine command) {
        command.getCommandSpec().parser().collectErrors(true);
        command.getSubcommands().values().forEach(Commands::collectErrors);
    }
}
