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
 * A value that is computed from files, such as certificates. It is computed again when their contents change, because
 * Kubernetes replaces the files of a Secret while a service runs. If the new contents cannot be used, the previous
 * value stays in use. For example, a new key can be written before its certificate. Thread-safe.
 */
final class Rotating<T> {
    private static final Logger log = LoggerFactory.getLogger(Rotating.class);
    /** Minimum time between two reads of the files. */
    static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    interface Maker<T> {
        T make() throws IOException;
    }

    private final List<Path> files;
    private final Maker<T> maker;
    private final LongSupplier nanoTime;
    private List<byte[]> contents;
    private T made;
    private long checkedAt;
    private String lastFailure = "";

    /**
     * Creates an instance, and computes the first value.
     *
     * @param nanoTime a clock like {@link System#nanoTime}
     * @throws IOException if the files cannot be used
     */
    Rotating(List<Path> files, Maker<T> maker, LongSupplier nanoTime) throws IOException {
        this.files = List.copyOf(files);
        this.maker = maker;
        this.nanoTime = nanoTime;
        checkedAt = nanoTime.getAsLong();
        contents = read();
        made = maker.make();
    }

    /** The value that belongs to the files' present contents. The files are read at most once a second. */
    synchronized T current() {
        long now = nanoTime.getAsLong();
        if (now - checkedAt >= CHECK_INTERVAL.toNanos()) {
            checkedAt = now;
            check();
        }
        return made;
    }

    private void check() {
        try {
            List<byte[]> found = read();
            if (same(found, contents)) {
                return;
            }
            contents = found;
            made = maker.make();
            lastFailure = "";
            log.atInfo().addKeyValue("files", files).log("Changed files are in use");
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            log.atLevel(reason.equals(lastFailure) ? Level.DEBUG : Level.WARN)
                    .addKeyValue("reason", reason)
                    .log("Changed files cannot be used; the previous contents stay in use");
            lastFailure = reason;
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
