package io.natator.schemas;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashesTest {
    /** Tests the hashes with the test vectors of draft-eastlake-fnv. */
    @ParameterizedTest
    @CsvSource({"'', 811c9dc5, cbf29ce484222325", "a, e40c292c, af63dc4c8601ec8c", "foobar, bf9cf968, 85944171f73967e8"
    })
    void fnv1a(String text, String hash32, String hash64) {
        byte[] data = text.getBytes(US_ASCII);
        assertThat(Integer.toHexString(Hashes.fnv1a32(data))).isEqualTo(hash32);
        assertThat(Long.toHexString(Hashes.fnv1a64(Hashes.FNV1A_64, data))).isEqualTo(hash64);
        assertThat(Hashes.fnv1a64(Hashes.FNV1A_64, text)).isEqualTo(Hashes.fnv1a64(Hashes.FNV1A_64, data));
    }
}
