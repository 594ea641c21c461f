package io.natator.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryLockTest {
    @TempDir
    private Path folder;

    @Test
    void directoryHasOneUserAtATime() throws Exception {
        // Given
        Path directory = folder.resolve("data");
        DataDirectoryLock first = DataDirectoryLock.acquire(directory);

        // When and then
        assertThatThrownBy(() -> DataDirectoryLock.acquire(directory))
                .isInstanceOf(StartException.class)
                .hasMessage("another process uses the data directory " + directory
                        + ": stop it, or choose another with --data-directory");

        // When
        first.close();

        // Then
        assertThatCode(() -> DataDirectoryLock.acquire(directory).close()).doesNotThrowAnyException();
    }
}
