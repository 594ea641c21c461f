package io.natator.topology.identity;

import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExternalNamesTest {
    private static ExternalNames.Read read(String text) {
        return ExternalNames.parse("names.yaml", text.lines().toList());
    }

    @Test
    void narrowestRangeNamesTheAddress() {
        // Given
        ExternalNames names = read("""
                        ---
                        # who is out there
                        10.0.0.0/8: corporate
                        10.20.0.0/16: office   # the new one
                        10.20.7.99/20: "lab: 'west'"
                        '10.20.1.1': 'printer'
                        0.0.0.0/0: internet
                        2001:db8::/32: documentation
                        "2001:db8::1": one
                        """).names();

        // Then
        assertThat(names.name(address("10.1.2.3"))).isEqualTo("corporate");
        assertThat(names.name(address("10.20.255.1"))).isEqualTo("office");
        assertThat(names.name(address("10.20.15.255"))).isEqualTo("lab: 'west'");
        assertThat(names.name(address("10.20.1.1"))).isEqualTo("printer");
        assertThat(names.name(address("203.0.113.1"))).isEqualTo("internet");
        assertThat(names.name(address("2001:db8:ffff::2"))).isEqualTo("documentation");
        assertThat(names.name(address("2001:db8::1"))).isEqualTo("one");
        assertThat(names.name(address("2001:db9::1"))).isNull();
        assertThat(ExternalNames.NONE.name(address("10.1.2.3"))).isNull();
    }

    @Test
    void eachWrongLineIsReportedWithItsNumber() {
        List<String> problems = read("""
                        10.0.0.0/8: corporate

                        10.0.0.0/33: wide
                        office
                        10.20.0.0/16: ""
                        example.org: somebody
                        10.0.0.7/8: again
                        """).problems();

        assertThat(problems)
                .satisfiesExactly(
                        wide -> assertThat(wide)
                                .startsWith("names.yaml line 3: ")
                                .contains(
                                        "'10.0.0.0/33' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8"),
                        office -> assertThat(office)
                                .startsWith("names.yaml line 4: ")
                                .contains("10.20.0.0/16: office"),
                        empty -> assertThat(empty).isEqualTo("names.yaml line 5: the name is empty"),
                        host -> assertThat(host).startsWith("names.yaml line 6: 'example.org"),
                        again -> assertThat(again)
                                .isEqualTo("names.yaml line 7: the range 10.0.0.7/8 is named already, in line 1"));
    }
}
