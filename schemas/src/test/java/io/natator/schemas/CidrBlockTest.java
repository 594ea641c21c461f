package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrBlockTest {
    private static List<String> combined(String... blocks) {
        return CidrBlock.combined(Stream.of(blocks).map(CidrBlock::parse).toList()).stream()
                .map(CidrBlock::toString)
                .toList();
    }

    @Test
    void combinesHalvesAndDropsNestedRanges() {
        assertThat(combined("10.0.1.0/24", "10.0.0.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24"))
                .containsExactly("10.0.0.0/22", "10.0.4.0/24");
        assertThat(combined("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "11.0.0.0/9"))
                .containsExactly("10.0.0.0/8", "11.0.0.0/9");
        assertThat(combined("10.0.1.0/24", "10.0.2.0/24")).containsExactly("10.0.1.0/24", "10.0.2.0/24");
        assertThat(combined("::/1", "8000::/1", "0.0.0.0/1", "128.0.0.0/1")).containsExactly("0.0.0.0/0", "::/0");
        assertThat(combined()).isEmpty();
    }

    @Test
    void combinedRangesContainTheSameAddresses() {
        var random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<CidrBlock> ranges = random.ints(12, 0, 256)
                    .mapToObj(octet -> CidrBlock.parse("10.0.0." + octet + "/" + (24 + random.nextInt(9))))
                    .toList();

            List<CidrBlock> combined = CidrBlock.combined(ranges);

            for (int octet = 0; octet < 256; octet++) {
                InetAddress address = InetAddress.ofLiteral("10.0.0." + octet);
                assertThat(combined.stream()
                                .filter(range -> range.contains(address))
                                .count())
                        .as("%s in %s of %s", address, combined, ranges)
                        .isEqualTo(ranges.stream().anyMatch(range -> range.contains(address)) ? 1 : 0);
            }
        }
    }

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
