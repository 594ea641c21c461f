package io.natator.topology.siem;

import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.topology.identity.Endpoint;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests Community IDs with the test vectors of Corelight's specification. */
class CommunityIdTest {
    private static final int TCP = 6;

    @ParameterizedTest
    @CsvSource({
        "0, 128.232.110.120, 34855, 66.35.250.204, 80, 1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        "0, 66.35.250.204, 80, 128.232.110.120, 34855, 1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        "1, 128.232.110.120, 34855, 66.35.250.204, 80, 1:3V71V58M3Ksw/yuFALMcW0LAHvc=",
    })
    void equalsTheExampleOfTheSpecification(
            int seed, String source, int sourcePort, String destination, int destinationPort, String expected) {
        assertThat(CommunityId.of(seed, endpoint(source, sourcePort), endpoint(destination, destinationPort), TCP))
                .isEqualTo(expected);
    }

    private static Endpoint endpoint(String address, int port) {
        return new Endpoint(address(address), port);
    }
}
