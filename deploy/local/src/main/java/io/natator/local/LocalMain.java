package io.natator.local;

import io.natator.http.command.Commands;
import io.natator.http.command.Termination;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The command {@code deploy/local/up}. */
public final class LocalMain {
    private static final Duration REFRESH = Duration.ofSeconds(2);
    private static final Duration READY_POLL = Duration.ofMillis(500);
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

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
        try (var pipeline = LocalPipeline.start(options.config(), step -> out.println("natator: " + step + " ..."))) {
            announce(pipeline, log);
            int code = show(pipeline, options.rows());
            out.println("natator: stopping ...");
            return code;
        } catch (StartException e) {
            complain(String.valueOf(e.getMessage()));
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

    private int show(LocalPipeline pipeline, int rows) throws InterruptedException {
        try (var client = new LinksClient(pipeline.httpPort())) {
            if (!awaitReady(client)) {
                return 0;
            }
            var table = new LinkTable(rows);
            long last = System.nanoTime();
            while (!stop.await(REFRESH.toMillis(), TimeUnit.MILLISECONDS)) {
                long now = System.nanoTime();
                String text = table.render(client.links(), Duration.ofNanos(now - last));
                last = now;
                out.println((terminal ? CLEAR_SCREEN : "") + text);
            }
            return 0;
        } catch (IOException e) {
            complain("the pipeline stopped answering: " + e + ": the log says more");
            return 1;
        }
    }

    /**
     * Prints each reason why the pipeline is not ready yet. Returns false if the pipeline is stopped before it is
     * ready.
     */
    private boolean awaitReady(LinksClient client) throws IOException, InterruptedException {
        String said = "";
        while (true) {
            String hindrance = client.unready();
            if (hindrance.isEmpty()) {
                out.println("natator: ready; the busiest links follow, Ctrl-C stops");
                out.println();
                return true;
            }
            if (!hindrance.equals(said)) {
                out.println("natator: waiting: " + hindrance);
                said = hindrance;
            }
            if (stop.await(READY_POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
    }

    private void complain(String line) {
        err.println("natator: " + line);
    }
}
