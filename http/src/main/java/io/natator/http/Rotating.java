package io.natator.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What is made of files, made again when their contents change: Secrets are rotated below a running service. While new
 * contents cannot be used (a key that does not belong to its certificate yet), what was made last stays. Thread-safe.
 */
final class Rotating<T> {
    private static final Logger log = LoggerFactory.getLogger(Rotating.class);
    /** How long a change may go unnoticed. */
    static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    interface Maker<T> {
        T make() throws IOException;
    }

    private final List<Path> files;
    private final Maker<T> maker;
    private final LongSupplier nanoTime;
    private List<byte[]> contents;
    private T made;
    private long lookedAt;
    private String complaint = "";

    /**
     * Makes it for the first time.
     *
     * @param nanoTime a clock like {@link System#nanoTime}
     * @throws IOException if it cannot be made
     */
    Rotating(List<Path> files, Maker<T> maker, LongSupplier nanoTime) throws IOException {
        this.files = List.copyOf(files);
        this.maker = maker;
        this.nanoTime = nanoTime;
        lookedAt = nanoTime.getAsLong();
        contents = read();
        made = maker.make();
    }

    synchronized T current() {
        long now = nanoTime.getAsLong();
        if (now - lookedAt >= LOOK_EVERY.toNanos()) {
            lookedAt = now;
            look();
        }
        return made;
    }

    private void look() {
        try {
            List<byte[]> found = read();
            if (same(found, contents)) {
                return;
            }
            contents = found;
            made = maker.make();
            complaint = "";
            log.atInfo().addKeyValue("files", files).log("Changed files are in use");
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            log.atLevel(reason.equals(complaint) ? Level.DEBUG : Level.WARN)
                    .addKeyValue("reason", reason)
                    .log("Changed files cannot be used: what was read before stays in use");
            complaint = reason;
        }
    }

    private List<byte[]> read() throws IOException {
        List<byte[]> read = new ArrayList<>();
        for (Path file : files) {
            read.add(Files.readAllBytes(file));
        }
        return read;
    }

    private static boolean same(List<byte[]> one, List<byte[]> other) {
        for (int i = 0; i < one.size(); i++) {
            if (!Arrays.equals(one.get(i), other.get(i))) {
                return false;
            }
        }
        return true;
    }
}
