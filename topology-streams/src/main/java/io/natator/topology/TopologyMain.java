package io.natator.topology;

import io.natator.topology.identity.Cidr;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command: runs one instance until it is told to stop (SIGTERM, SIGINT). */
@Command(
        name = "natator-topology",
        mixinStandardHelpOptions = true,
        version = "natator-topology 0.1.0",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Turns connection snapshots into exact links: metrics, topics and an API.",
        footer = {
            "",
            "Every option may be given in the environment: --settle-after as NATATOR_SETTLE_AFTER.",
            "Exit codes: 0 stopped, 1 cannot start or go on, 2 unusable options."
        })
public final class TopologyMain implements Callable<Integer> {
    private static final String LOGBACK = "logback.configurationFile";

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private TopologyOptions options = new TopologyOptions();

    private TopologyMain() {}

    /** Runs the command and exits with its code. */
    public static void main(String[] arguments) {
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "logback-topology.xml");
        }
        System.exit(run(new PrintWriter(System.err, true, java.nio.charset.StandardCharsets.UTF_8), arguments));
    }

    /** Runs the command; what is wrong with the options goes to {@code errors}, one line each. */
    static int run(PrintWriter errors, String... arguments) {
        var line = new CommandLine(new TopologyMain())
                .setErr(errors)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, new Durations())
                .registerConverter(Cidr.class, TopologyMain::cidr)
                .setParameterExceptionHandler(TopologyMain::unusable);
        line.getCommandSpec().parser().collectErrors(true);
        return line.execute(arguments);
    }

    private static Cidr cidr(String text) {
        try {
            return Cidr.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static int unusable(ParameterException exception, String[] arguments) {
        exception.getCommandLine().getErr().println(exception.getMessage());
        return 2;
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
        PrintWriter errors = line.getErr();
        TopologyOptions.Read read = options.read();
        boolean usable = read.problems().isEmpty();
        for (Exception error : line.getParseResult().errors()) {
            errors.println(error.getMessage());
            usable = false;
        }
        read.problems().forEach(errors::println);
        if (!usable) {
            return 2;
        }
        try (var app = new TopologyApp(read.config())) {
            Thread closer = new Thread(app::close, "natator-topology-stop");
            Runtime.getRuntime().addShutdownHook(closer);
            app.start();
            Optional<String> failure = app.await();
            failure.ifPresent(errors::println);
            return failure.isPresent() ? 1 : 0;
        } catch (IOException e) {
            errors.println(e.getMessage());
            return 1;
        }
    }
}
