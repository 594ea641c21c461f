package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests after which passes the search for open sockets in a network namespace stops. */
class AdoptionPassesTest {
    @ParameterizedTest
    @CsvSource({
        "nothing to find, 0 0, 2, true",
        "all at once, 5 0 0, 3, true",
        "some skipped, 5 1 0 0, 4, true",
        "some skipped by two passes, 5 0 2 0 0, 5, true",
        "never an end, 1 1 1 1 1 1 1 1 1 1, 10, false",
        "one quiet pass at the end, 1 1 1 1 1 1 1 1 1 0, 10, false",
    })
    void repeatsPassesUntilTwoInARowFindNoNewSocket(String what, String found, int passes, boolean settled) {
        // Given
        Iterator<Long> finds =
                Arrays.stream(found.split(" ")).map(Long::valueOf).iterator();
        List<Boolean> repeated = new ArrayList<>();

        // When
        boolean result = Adoption.repeatUntilQuiet(repeats -> {
            repeated.add(repeats);
            return finds.next();
        });

        // Then
        assertThat(result).isEqualTo(settled);
        assertThat(repeated).hasSize(passes).startsWith(false);
        assertThat(repeated.subList(1, passes)).containsOnly(true);
        assertThat(finds.hasNext()).isFalse();
    }
}
