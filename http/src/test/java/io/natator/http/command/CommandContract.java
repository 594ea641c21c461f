package io.natator.http.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Tests the rules of every command: the command accepts each option in each form and value that its help shows, and
 * refuses everything else in one line. A command's test class extends this class and needs no test methods of its own,
 * because this class reads the options from the help.
 */
public abstract class CommandContract {
    private static final int COLUMNS = 100;

    @TempDir
    private Path folder = Path.of("");

    private final Map<List<String>, HelpPage> pages = new HashMap<>();
    private @Nullable FittingValues values;

    /**
     * The result of a command that was run without starting a service.
     *
     * @param configuration the configuration of the service; null if the command refused its arguments or printed help
     */
    public record Run(
            int code, String out, String err, @Nullable Object configuration) {}

    /** Runs the command with these arguments, without starting a service. */
    protected abstract Run run(Map<String, String> environment, List<String> arguments);

    /**
     * Runs a picocli command without starting a service.
     *
     * @param command creates the command, which passes its configuration to the consumer instead of starting a service
     */
    protected static Run execute(Function<Consumer<Object>, CommandLine> command, List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var started = new AtomicReference<@Nullable Object>();
        int code = command.apply(started::set)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new Run(code, out.toString(), err.toString(), started.get());
    }

    /** Valid values for those labels (such as {@code RANGE}) that only the help of this command shows, by label. */
    protected Map<String, List<String>> ownTypes(Path directory) {
        return Map.of();
    }

    @TestFactory
    Stream<DynamicTest> everyFormThatTheHelpShowsIsAccepted() {
        values = new FittingValues(folder, ownTypes(folder));
        return commands()
                .flatMap(command -> help(command).options().stream()
                        .filter(option -> !option.informs())
                        .map(option -> test(command, option.toString(), () -> accepts(command, option))));
    }

    @TestFactory
    Stream<DynamicTest> missingValueIsOneLineAndAHint() {
        values = new FittingValues(folder, ownTypes(folder));
        return commands()
                .flatMap(command -> help(command).options().stream()
                        .filter(option -> !option.label().isEmpty())
                        .map(option -> test(command, option.toString(), () -> {
                            List<String> base =
                                    plus(command, needed(command, option).toArray(String[]::new));
                            if (neededMutually(command, option)) {
                                refuses(plus(command, option.name()), option.name());
                            } else {
                                refuses(plus(base, option.name()), option.name());
                                refuses(plus(base, option.name(), values().argument(option)), option.name());
                            }
                        })));
    }

    @TestFactory
    Stream<DynamicTest> valueOfAnotherTypeIsOneLineAndAHint() {
        return commands()
                .flatMap(command -> help(command).options().stream()
                        .filter(HelpOption::refusesWords)
                        .map(option -> test(command, option.toString(), () -> {
                            refuses(plus(command, option.name() + "=soon"), option.name());
                            if (!option.negatable()) {
                                refuses(plus(command, option.name(), "soon"), option.name());
                            }
                            for (String variable : variables(command, option)) {
                                refuses(Map.of(variable, "soon"), command, option.name());
                            }
                        })));
    }

    @TestFactory
    Stream<DynamicTest> unknownArgumentIsOneLineAndAHint() {
        return commands()
                .flatMap(command -> Stream.of("--no-such-option", "--no-such-option=1", "-x", "nonsense")
                        .map(unknown -> test(
                                command, unknown, () -> refuses(plus(command, unknown), unknown.replace("=1", "")))));
    }

    @TestFactory
    Stream<DynamicTest> helpAndVersionGoToStandardOutput() {
        return commands()
                .flatMap(command -> Stream.of("--help", "--version")
                        .flatMap(name -> help(command).option(name).names().stream())
                        .map(name -> test(command, name, () -> {
                            Run informed = run(Map.of(), plus(command, name));
                            assertThat(informed.code()).isZero();
                            assertThat(informed.out()).isNotBlank().endsWith("\n");
                            assertThat(informed.err()).isEmpty();
                            assertThat(informed.configuration()).isNull();
                        })));
    }

    @TestFactory
    Stream<DynamicTest> helpFitsAnyTerminal() {
        return commands()
                .map(command -> test(command, "--help", () -> {
                    HelpPage help = help(command);
                    assertThat(help.options()).hasSizeGreaterThan(2);
                    assertThat(help.text()).startsWith("Usage: ").isASCII();
                    assertThat(help.text().lines())
                            .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(COLUMNS));
                    assertThat(help.options())
                            .allSatisfy(option -> assertThat(option.description())
                                    .as(option.toString())
                                    .matches("(?s)[A-Za-z].*\\."));
                }));
    }

    @TestFactory
    Stream<DynamicTest> helpAndVersionHaveNoVariable() {
        return commands()
                .map(command -> test(
                        command,
                        "NATATOR_HELP",
                        () -> assertSame(
                                accepted(Map.of("NATATOR_HELP", "true", "NATATOR_VERSION", "4.2"), command),
                                accepted(Map.of(), command))));
    }

    private void accepts(List<String> command, HelpOption option) {
        List<String> base = new ArrayList<>(command);
        base.addAll(needed(command, option));
        if (option.negatable()) {
            acceptsBothPolarities(command, base, option);
            return;
        }
        assertThat(option.label())
                .as("%s takes no value and is not shown as --[no-]flag", option)
                .isNotEmpty();
        Object plain = accepted(Map.of(), neededMutually(command, option) ? command : base);
        option.writtenDefault()
                .ifPresent(value -> assertSame(accepted(Map.of(), plus(base, option.name() + "=" + value)), plain));
        option.mentionedValues().forEach(value -> accepted(Map.of(), plus(base, option.name() + "=" + value)));
        for (List<String> alternative : values().of(option)) {
            alternative.forEach(value -> acceptsValue(command, base, option, value, plain));
            if (option.several()) {
                acceptsSeveral(command, base, option, alternative);
            }
        }
    }

    private void acceptsBothPolarities(List<String> command, List<String> base, HelpOption option) {
        String off = option.name().replaceFirst("^--", "--no-");
        Object with = accepted(Map.of(), plus(base, option.name()));
        Object without = accepted(Map.of(), plus(base, off));
        assertDifferent(with, without);
        option.writtenDefault()
                .ifPresent(value -> assertSame(
                        accepted(Map.of(), base),
                        switch (value) {
                            case "true" -> with;
                            case "false" -> without;
                            default -> throw new AssertionError(option + ": the default is neither true nor false");
                        }));
        for (boolean value : new boolean[] {true, false}) {
            Object wanted = value ? with : without;
            assertSame(accepted(Map.of(), plus(base, option.name() + "=" + value)), wanted);
            checkEnvironment(command, base, option, Boolean.toString(value), wanted);
            for (String variable : variables(command, option)) {
                assertSame(
                        accepted(Map.of(variable, Boolean.toString(!value)), plus(base, value ? option.name() : off)),
                        wanted);
            }
        }
    }

    private void acceptsValue(List<String> command, List<String> base, HelpOption option, String value, Object plain) {
        Object attached = accepted(Map.of(), plus(base, option.name() + "=" + value));
        assertSame(accepted(Map.of(), plus(base, option.name(), value)), attached);
        if (option.writtenDefault().filter(value::equals).isPresent()) {
            assertSame(attached, plain);
        } else {
            assertDifferent(attached, plain);
        }
        checkEnvironment(command, base, option, value, attached);
    }

    private void acceptsSeveral(List<String> command, List<String> base, HelpOption option, List<String> alternative) {
        assertThat(alternative).as("two values for %s", option).hasSizeGreaterThan(1);
        String first = alternative.get(0);
        String both = first + "," + alternative.get(1);
        Object attached = accepted(Map.of(), plus(base, option.name() + "=" + both));
        assertDifferent(attached, accepted(Map.of(), plus(base, option.name() + "=" + first)));
        assertSame(accepted(Map.of(), plus(base, option.name(), both)), attached);
        assertSame(
                accepted(Map.of(), plus(base, option.name() + "=" + first, option.name() + "=" + alternative.get(1))),
                attached);
        checkEnvironment(command, base, option, both, attached);
    }

    private void checkEnvironment(
            List<String> command, List<String> base, HelpOption option, String value, Object wanted) {
        for (String variable : variables(command, option)) {
            assertSame(accepted(Map.of(variable, value), base), wanted);
        }
    }

    private List<String> variables(List<String> command, HelpOption option) {
        return help(command).namesTheEnvironment() ? List.of(option.variable()) : List.of();
    }

    /** Returns arguments for all options that the given option requires, directly or indirectly. */
    private List<String> needed(List<String> command, HelpOption option) {
        Map<String, String> arguments = new LinkedHashMap<>();
        gather(help(command), option, arguments);
        arguments.remove(option.name());
        return List.copyOf(arguments.values());
    }

    private void gather(HelpPage help, HelpOption option, Map<String, String> arguments) {
        for (String name : option.needed()) {
            if (!arguments.containsKey(name)) {
                HelpOption other = help.option(name);
                arguments.put(name, values().argument(other));
                gather(help, other, arguments);
            }
        }
    }

    private boolean neededMutually(List<String> command, HelpOption option) {
        return option.needed().stream()
                .anyMatch(name -> help(command).option(name).needed().contains(option.name()));
    }

    private Object accepted(Map<String, String> environment, List<String> arguments) {
        Run run = run(environment, arguments);
        assertThat(run.err()).as("%s %s", environment, arguments).isEmpty();
        assertThat(run.code()).as("%s %s", environment, arguments).isZero();
        return Objects.requireNonNull(run.configuration(), () -> "nothing would start: " + arguments);
    }

    private void refuses(List<String> arguments, String named) {
        refuses(Map.of(), arguments, named);
    }

    private void refuses(Map<String, String> environment, List<String> arguments, String named) {
        Run refused = run(environment, arguments);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.configuration()).isNull();
        assertThat(refused.err().lines()).hasSize(2).first().asString().contains(named);
        assertThat(refused.err()).endsWith(" --help\n");
    }

    private static void assertSame(Object one, Object other) {
        assertThat(one).usingRecursiveComparison().isEqualTo(other);
    }

    private static void assertDifferent(Object one, Object other) {
        assertThat(one).usingRecursiveComparison().isNotEqualTo(other);
    }

    private Stream<List<String>> commands() {
        return Stream.concat(
                Stream.of(List.of()), help(List.of()).subcommands().stream().map(List::of));
    }

    private HelpPage help(List<String> command) {
        return pages.computeIfAbsent(
                command,
                asked -> HelpPage.parse(run(Map.of(), plus(asked, "--help")).out()));
    }

    private FittingValues values() {
        return Objects.requireNonNull(values, "made by the test");
    }

    private static List<String> plus(List<String> arguments, String... more) {
        return Stream.concat(arguments.stream(), Stream.of(more)).toList();
    }

    private static DynamicTest test(
            List<String> command, String name, org.junit.jupiter.api.function.Executable executable) {
        return DynamicTest.dynamicTest((String.join(" ", command) + " " + name).strip(), executable);
    }
}
