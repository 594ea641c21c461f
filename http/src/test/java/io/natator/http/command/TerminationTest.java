package io.natator.http.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TerminationTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeProcess process = new FakeProcess();

    /** Receives signals as a JVM does, but records its end instead of ending. */
    private static final class FakeProcess implements Termination.CommandProcess {
        private final CountDownLatch started = new CountDownLatch(1);
        private final CompletableFuture<Integer> end = new CompletableFuture<>();
        private Runnable shutdown = () -> {};

        @Override
        public void onShutdown(Runnable action) {
            shutdown = action;
            started.countDown();
        }

        @Override
        public void exit(int code) {
            shutdown.run();
        }

        @Override
        public void halt(int code) {
            end.complete(code);
        }

        void signal() throws InterruptedException {
            started.await();
            shutdown.run();
        }

        int exitCode() {
            return end.orTimeout(LONG.toSeconds(), TimeUnit.SECONDS).join();
        }
    }

    private Thread start(Duration stopTimeout, ToIntFunction<Termination> command) {
        return Thread.ofVirtual().start(() -> new Termination(process, stopTimeout).run(command));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void signalStopsTheCommandAndTheProcessEndsWithItsExitCode() throws InterruptedException {
        // Given
        var ready = new CountDownLatch(1);
        var stop = new CountDownLatch(1);
        start(LONG, termination -> {
            termination.onRequest(stop::countDown);
            ready.countDown();
            await(stop);
            return 0;
        });
        ready.await();
        // When
        process.signal();
        // Then
        assertThat(process.exitCode()).isZero();
    }

    @Test
    void signalDuringTheStartStopsTheCommandOnceItCanBeStopped() throws InterruptedException {
        // Given
        var signalled = new CountDownLatch(1);
        var stop = new CountDownLatch(1);
        start(LONG, termination -> {
            await(signalled);
            termination.onRequest(stop::countDown);
            await(stop);
            return 3;
        });
        // When
        Thread signal = Thread.ofPlatform().start(() -> {
            try {
                process.signal();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Awaitility.await("the shutdown hook waits for the exit code")
                .until(() -> signal.getState() == Thread.State.TIMED_WAITING);
        signalled.countDown();
        // Then
        signal.join();
        assertThat(process.exitCode()).isEqualTo(3);
    }

    @Test
    void commandThatDoesNotStopIsEndedWithOneLine() throws InterruptedException {
        // Given
        Thread command = start(Duration.ofMillis(10), termination -> {
            await(new CountDownLatch(1));
            return 0;
        });
        PrintStream before = System.err;
        var printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        // When
        try {
            process.signal();
        } finally {
            System.setErr(before);
        }
        // Then
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .isEqualTo("natator: not stopped within 10ms: the process ends now\n");
        command.interrupt();
    }

    @Test
    void processEndsWithTheExitCodeOfACommandThatEndsByItself() {
        start(LONG, termination -> 2);

        assertThat(process.exitCode()).isEqualTo(2);
    }

    @Test
    void commandThatFailsUnexpectedlyShowsItsFailureAndEndsTheProcess() {
        // Given
        var shown = new CompletableFuture<Throwable>();
        var defect = new IllegalStateException("broken");
        // When
        Thread.ofVirtual()
                .uncaughtExceptionHandler((thread, thrown) -> shown.complete(thrown))
                .start(() -> new Termination(process, LONG).run(termination -> {
                    throw defect;
                }));
        // Then
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(shown).isCompletedWithValue(defect);
    }
}
