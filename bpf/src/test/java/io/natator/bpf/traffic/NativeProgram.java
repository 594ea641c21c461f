package io.natator.bpf.traffic;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A native test program. It is a resource on the class path, possibly in a jar, so it is copied to a file once per JVM
 * to be executed. Thread-safe.
 */
final class NativeProgram {
    private static final Map<String, Path> FILES = new ConcurrentHashMap<>();

    private NativeProgram() {}

    static String path(String name) {
        return FILES.computeIfAbsent(name, NativeProgram::extract).toString();
    }

    private static Path extract(String name) {
        try (InputStream program = Objects.requireNonNull(
                NativeProgram.class.getResourceAsStream("/" + name), name + " was not compiled")) {
            Path file = Files.createTempFile("natator-" + name, "");
            file.toFile().deleteOnExit();
            Files.copy(program, file, StandardCopyOption.REPLACE_EXISTING);
            if (!file.toFile().setExecutable(true)) {
                throw new IllegalStateException(file + " cannot be made executable");
            }
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
