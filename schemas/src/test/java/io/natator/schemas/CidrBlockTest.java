package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrBlockTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 203.0.113.9",
        "10.1.2.3, 10.1.2.3",
        "::/0, 2001:db8::1",
        "10.0.0.0/31, 10.0.0.1",
        "192.168.7.3/24, 192.168.7.255",
        "fd10::/12, fd1f::1"
    })
    void containsItsAddresses(String block, String address) {
        assertThat(CidrBlock.parse(block).contains(InetAddress.ofLiteral(address)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.4",
        "10.0.0.0/31, 10.0.0.2",
        "192.168.7.3/24, 192.168.8.0",
        "fd10::/12, fd20::1",
        "0.0.0.0/0, 2001:db8::1",
        "::/0, 203.0.113.9"
    })
    void containsNoOther(String block, String address) {
        assertThat(CidrBlock.parse(block).contains(InetAddress.ofLiteral(address)))
                .isFalse();
    }

    @Test
    void bitsBehindThePrefixAreIgnored() {
        assertThat(CidrBlock.parse("10.1.2.3/12")).isEqualTo(CidrBlock.parse("10.0.0.0/12"));
        assertThat(CidrBlock.parse("10.1.2.3/12")).hasToString("10.0.0.0/12");
        assertThat(CidrBlock.parse("2001:db8:ffff::1/33")).hasToString("2001:db8:8000::/33");
        assertThat(CidrBlock.parse("10.1.2.3/12").firstAddress()).isEqualTo(InetAddress.ofLiteral("10.0.0.0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "example.com/8", "10.0.0.0/", "10.0/8/9", "/8"})
    void refusesTextThatIsNoRange(String text) {
        assertThatThrownBy(() -> CidrBlock.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8");
    }
}
