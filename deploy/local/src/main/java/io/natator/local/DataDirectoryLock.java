package io.natator.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reserves a data directory for this process, until it is closed or the process ends. Kafka also has a lock, but takes it
 * only after its controller has changed files.
 */
final class DataDirectoryLock implements AutoCloseable {
    private final FileChannel file;

    private DataDirectoryLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Creates the directory if it is missing, and reserves it.
     *
     * @throws StartException if another process has reserved it, or if it cannot be written
     */
    static DataDirectoryLock acquire(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel file =
                    FileChannel.open(directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(file)) {
                file.close();
                throw new StartException("another process uses the data directory " + directory
                        + ": stop it, or choose another with --data-directory");
            }
            return new DataDirectoryLock(file);
        } catch (IOException e) {
            throw new StartException(
                    "cannot use the data directory " + directory + ": " + e
                            + ": make it writable, or choose another with --data-directory",
                    e);
        }
    }

    private static boolean tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has reserved it already
        }
    }

    /** Releases the directory. The file remains, because another process could lock it just before its deletion. */
    @Override
    public void close() throws IOException {
        file.close();
    }
}
