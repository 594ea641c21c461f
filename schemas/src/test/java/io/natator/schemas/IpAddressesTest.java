package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpAddressesTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.255, 10.1.2.255",
        "0.0.0.0, 0.0.0.0",
        "::, ::",
        "::1, ::1",
        "2001:db8:0:0:0:0:0:1, 2001:db8::1",
        "2001:DB8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "0:0:0:0:0:0:1:0, ::1:0",
    })
    void formatsAsTheRfcSays(String input, String expected) throws UnknownHostException {
        assertThat(IpAddresses.format(InetAddress.getByName(input).getAddress()))
                .isEqualTo(expected);
    }

    @Test
    void mappedAddressIsTheIpv4Address() {
        // Given
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 7};

        // When
        String text = IpAddresses.format(mapped);

        // Then
        assertThat(text).isEqualTo("10.0.0.7");
    }

    @Test
    void otherLengthsAreRefused() {
        assertThatThrownBy(() -> IpAddresses.format(new byte[5])).hasMessageContaining("not 5");
    }
}
