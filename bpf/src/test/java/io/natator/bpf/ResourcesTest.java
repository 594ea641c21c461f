package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.bpf.libbpf.BpfException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourcesTest {
    @Test
    void failureToCloseOneClosesTheOthers() {
        // Given
        List<String> closed = new ArrayList<>();
        var resources = new Resources();
        resources.add(() -> closed.add("first"));
        resources.add(() -> {
            throw new IOException("stuck");
        });
        resources.add(() -> closed.add("last"));

        // When
        var closing = assertThatThrownBy(resources::close);

        // Then
        closing.isInstanceOf(BpfException.class).hasMessageContaining("stuck");
        assertThat(closed).containsExactly("last", "first");
    }
}
