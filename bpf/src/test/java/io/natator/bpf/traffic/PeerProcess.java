package io.natator.bpf.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process in a network namespace that reads one command per line and writes one answer per line. Not thread-safe. */
final class PeerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter questions;

    private PeerProcess(Process process) {
        this.process = process;
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        questions = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** Starts a command in a network namespace, and waits until it prints "ready". */
    static PeerProcess start(String namespace, String... command) {
        List<String> arguments = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        arguments.addAll(List.of(command));
        try {
            PeerProcess peer = new PeerProcess(new ProcessBuilder(arguments)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
            String answer = peer.answer();
            if (!answer.equals("ready")) {
                throw new IllegalStateException("peer did not start: " + answer);
            }
            return peer;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    long pid() {
        return process.pid();
    }

    void write(String question) {
        questions.println(question);
    }

    /** Sends a command, and returns the part of the answer after "ok". Any other answer is an error. */
    String ask(String question) {
        write(question);
        String answer = answer();
        if (!answer.startsWith("ok")) {
            throw new IllegalStateException(question + ": " + answer);
        }
        return answer.substring("ok".length()).strip();
    }

    String answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw new IllegalStateException("peer ended");
            }
            return line;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Ends the process; the kernel closes its connections. */
    @Override
    public void close() {
        questions.close();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
