package io.natator.http.command;

import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets a command end in order when a signal (SIGTERM, SIGINT) arrives: the command is asked to stop, and the process ends
 * with the command's own exit code. The JVM's code for a signal would say that the command failed. Thread-safe.
 */
public final class Termination {
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private @Nullable Runnable stop;
    private boolean requested;

    private Termination() {}

    /**
     * Runs a command and exits with the code that it returns.
     *
     * @param command returns after what it has given to {@link #onRequest} has run
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

    /** The shutdown hook: it runs on a signal, and after the command has ended. */
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

    /** Sets what stops the command. It runs at once if a signal has arrived already. */
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
