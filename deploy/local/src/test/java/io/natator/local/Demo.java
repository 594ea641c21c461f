package io.natator.local;

import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.EvaluatedCondition;

/** Runs {@code deploy/test-cluster/demo}. {@link #close} ends the demo as Ctrl-C does. */
final class Demo implements AutoCloseable {
    private final Process process;
    private final Path log;

    Demo(TestCluster cluster, Path log) throws IOException {
        this.log = log;
        process = new ProcessBuilder(
                        "../test-cluster/demo",
                        "--kubeconfig",
                        cluster.kubeconfig().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /**
     * Prints the demo's output if the wait for a condition is about to time out. Awaitility calls this after each
     * check.
     */
    void printIfLate(EvaluatedCondition<?> condition) {
        if (!condition.isSatisfied() && condition.getRemainingTimeInMS() < 1_000) {
            try {
                System.err.println(Files.readString(log));
            } catch (IOException e) {
                System.err.println("the demo has no log: " + e);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
        }
    }
}
