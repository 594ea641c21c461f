package io.natator.http.command;

import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stops a command gracefully when a signal (SIGTERM, SIGINT) arrives. The process then ends with the exit code that the
 * command returns. Without this class, the JVM would end with the signal's exit code, which means failure. Thread-safe.
 */
public final class Termination {
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private @Nullable Runnable stop;
    private boolean requested;

    private Termination() {}

    /**
     * Runs a command and exits with the code that it returns.
     *
     * @param command returns its exit code after the action passed to {@link #onRequest} has stopped it
     */
    public static void exitAfter(ToIntFunction<Termination> command) {
        var termination = new Termination();
        Runtime.getRuntime().addShutdownHook(new Thread(termination::endProcess, "natator-termination"));
        int code = 1;
        try {
            code = command.applyAsInt(termination);
        } finally {
            termination.exitCode.complete(code);
        }
        System.exit(code);
    }

    /**
     * The shutdown hook of the JVM. It runs when a signal has arrived, and also when the command has ended by itself.
     */
    private void endProcess() {
        try {
            request();
        } finally {
            Runtime.getRuntime().halt(exitCode.join());
        }
    }

    private void request() {
        Runnable action;
        synchronized (this) {
            requested = true;
            action = stop;
        }
        if (action != null) {
            action.run();
        }
    }

    /** Sets the action that stops the command. If a signal has arrived already, the action runs at once. */
    public void onRequest(Runnable action) {
        boolean now;
        synchronized (this) {
            stop = action;
            now = requested;
        }
        if (now) {
            action.run();
        }
    }
}
