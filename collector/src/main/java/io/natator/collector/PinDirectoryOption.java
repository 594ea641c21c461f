package io.natator.collector;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --pin-directory} of the commands {@code run} and {@code unload}. */
final class PinDirectoryOption {
    @Option(
            names = "--pin-directory",
            paramLabel = "DIR",
            defaultValue = "/sys/fs/bpf/natator",
            description = "Directory in bpffs where maps and links are pinned (default: ${DEFAULT-VALUE}).")
    private Path pinDirectory = Path.of("");

    Path path() {
        return pinDirectory;
    }
}
