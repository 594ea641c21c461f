package io.natator.local;

import io.natator.http.command.Commands;
import io.natator.http.command.Termination;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The command {@code deploy/local/up}. */
public final class LocalMain {
    /** Runs the pipeline until it ends. Tests use another implementation. */
    interface Launch {
        /** Returns the exit code. */
        int run(LocalOptions options);
    }

    private final Launch launch;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicBoolean failed = new AtomicBoolean();

    LocalMain(PrintWriter out, PrintWriter err, boolean terminal) {
        this.launch = this::run;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Creates the command for tests, which replace the pipeline by {@code launch}. */
    LocalMain(Launch launch, PrintWriter out, PrintWriter err) {
        this.launch = launch;
        this.out = out;
        this.err = err;
        this.terminal = false;
    }

    /** Runs until Ctrl-C. The system property {@code natator.terminal} says whether standard output is a terminal. */
    public static void main(String[] args) {
        Termination.exitAfter(termination -> {
            var main = new LocalMain(
                    new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                    new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                    Boolean.getBoolean("natator.terminal"));
            termination.onRequest(main.stop::countDown);
            return main.run(args);
        });
    }

    int run(String... args) {
        var options = new LocalOptions();
        CommandLine commandLine = Commands.command(new CommandLine(options));
        ParseResult parsed = commandLine.parseArgs(args);
        if (parsed.isUsageHelpRequested()) {
            commandLine.usage(out);
            return 0;
        }
        if (parsed.isVersionHelpRequested()) {
            commandLine.printVersionHelp(out);
            return 0;
        }
        List<String> problems = new ArrayList<>(Commands.errors(commandLine));
        problems.addAll(options.problems());
        if (!problems.isEmpty()) {
            problems.forEach(this::complain);
            complain("see deploy/local/up --help");
            return 2;
        }
        return launch.run(options);
    }

    private int run(LocalOptions options) {
        String log = options.dataDirectory().resolve("natator.log").toString();
        System.setProperty("natator.log", log);
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-local.xml");
        }
        BrokerExit.reportTo(options.dataDirectory(), this::complainOnce);
        try (var pipeline = LocalPipeline.start(options.config(), step -> out.println("natator: " + step + " ..."))) {
            announce(pipeline, log);
            Optional<String> failure = show(pipeline, options.rows());
            failure.ifPresent(this::complainOnce);
            out.println("natator: stopping ...");
            return failure.isPresent() ? 1 : 0;
        } catch (StartException e) {
            complainOnce(String.valueOf(e.getMessage()));
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private void announce(LocalPipeline pipeline, String log) {
        out.println();
        out.println("  metrics  http://localhost:" + pipeline.httpPort() + "/metrics");
        out.println("  API      http://localhost:" + pipeline.httpPort() + "/api/links");
        out.println("  health   http://localhost:" + pipeline.httpPort() + "/readyz");
        out.println("  Kafka    " + pipeline.bootstrapServers());
        out.println("  log      " + log);
        out.println();
    }

    /** Shows the pipeline until Ctrl-C. Returns why the pipeline has failed; empty if it has not failed. */
    private Optional<String> show(LocalPipeline pipeline, int rows) throws InterruptedException {
        Optional<ApiServerWatch> apiServer = pipeline.apiServer().map(ApiServerWatch::start);
        try (var client = new LinksClient(pipeline.httpPort(), pipeline.collectorHttpPort())) {
            var state = new LiveView.State(
                    pipeline::failure,
                    () -> apiServer.map(ApiServerWatch::notice).orElse(""));
            new LiveView(client, state, new LinkTable(rows), LiveView.Refresh.DEFAULT, out, terminal).show(stop);
            return pipeline.failure();
        } catch (IOException e) {
            return Optional.of(
                    pipeline.failure().orElse("the pipeline stopped answering: " + e + ": the log says more"));
        } finally {
            apiServer.ifPresent(ApiServerWatch::close);
        }
    }

    /**
     * Prints why the pipeline has failed. Does nothing if a reason was printed before, because one fault can end several
     * parts.
     */
    private void complainOnce(String reason) {
        if (failed.compareAndSet(false, true)) {
            complain(reason);
        }
    }

    private void complain(String line) {
        err.println("natator: " + line);
    }
}
