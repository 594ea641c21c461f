package io.natator.http.command;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stops a command gracefully when a signal (SIGTERM, SIGINT) arrives. The process then ends with the exit code that the
 * command returns. Without this class, the JVM would end with the signal's exit code, which means failure. Thread-safe.
 */
public final class Termination {
    /** A command that has not stopped this long after the signal is ended. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    /** The process that runs the command. Tests use another implementation. */
    interface CommandProcess {
        /** Runs the action when a signal arrives, and when {@link #exit} is called. */
        void onShutdown(Runnable action);

        /** Ends the process after the action of {@link #onShutdown}. */
        void exit(int code);

        /** Ends the process at once. */
        void halt(int code);
    }

    private static final class Jvm implements CommandProcess {
        @Override
        public void onShutdown(Runnable action) {
            Runtime.getRuntime().addShutdownHook(new Thread(action, "natator-termination"));
        }

        @Override
        public void exit(int code) {
            System.exit(code);
        }

        @Override
        public void halt(int code) {
            Runtime.getRuntime().halt(code);
        }
    }

    private final CommandProcess process;
    private final Duration stopTimeout;
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private @Nullable Runnable stop;
    private boolean requested;

    Termination(CommandProcess process, Duration stopTimeout) {
        this.process = process;
        this.stopTimeout = stopTimeout;
    }

    /**
     * Runs a command and exits with the code that it returns.
     *
     * @param command returns its exit code after the action passed to {@link #onRequest} has stopped it
     */
    public static void exitAfter(ToIntFunction<Termination> command) {
        new Termination(new Jvm(), STOP_TIMEOUT).run(command);
    }

    void run(ToIntFunction<Termination> command) {
        process.onShutdown(this::endProcess);
        int code = 1;
        try {
            code = command.applyAsInt(this);
        } catch (RuntimeException | Error e) {
            // Other threads of the command would keep the process running.
            Thread current = Thread.currentThread();
            current.getUncaughtExceptionHandler().uncaughtException(current, e);
        } finally {
            exitCode.complete(code);
        }
        process.exit(code);
    }

    /**
     * The shutdown hook of the JVM. It runs when a signal has arrived, and also when the command has ended by itself.
     */
    private void endProcess() {
        int code = 1;
        try {
            request();
            code = exitCode.get(stopTimeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            System.err.println(
                    "natator: not stopped within " + Durations.format(stopTimeout) + ": the process ends now");
        } catch (InterruptedException | ExecutionException e) {
            Thread.currentThread()
                    .interrupt(); // never happens: nothing interrupts the hook, and nothing fails the future
        } finally {
            process.halt(code);
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
