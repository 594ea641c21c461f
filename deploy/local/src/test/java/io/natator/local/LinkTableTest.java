package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkTableTest {
    @Test
    void linksWithPresentTrafficComeFirst() {
        // Given
        var table = new LinkTable(10);
        LinkRow large = new LinkRow("backup", "store", 9000, "", new LinkRow.Counters(5_000_000_000L, 1_000, 3, 0));
        table.render(
                List.of(large, new LinkRow("shop", "cart", 80, "", new LinkRow.Counters(1_000, 0, 1, 0))),
                Duration.ofSeconds(2));

        // When
        String text = table.render(
                List.of(large, new LinkRow("shop", "cart", 80, "", new LinkRow.Counters(5_000, 0, 2, 0))),
                Duration.ofSeconds(2));

        // Then
        assertThat(text.lines()).hasSize(3);
        assertThat(text.lines().toList().get(1)).contains("shop", "cart:80", "5.00 kB", "2.00 kB/s");
        assertThat(text.lines().toList().get(2)).contains("backup", "store:9000", "5.00 GB", "-");
    }

    @Test
    void countsTheLinksThatDoNotFit() {
        var table = new LinkTable(1);

        String text = table.render(
                List.of(
                        new LinkRow("a", "b", 1, "", new LinkRow.Counters(1, 1, 1, 1)),
                        new LinkRow("c", "d", 1, "", new LinkRow.Counters(1, 1, 1, 1))),
                Duration.ZERO);

        assertThat(text).endsWith("… and 1 more" + System.lineSeparator());
    }

    /** Every process chooses its own name, so a name must not be able to control the terminal. */
    @Test
    void namesCannotControlTheTerminal() {
        // Given
        var link =
                new LinkRow("tab\tand\u001b[31m", "\u009bK\u202ea\r\n", 8, "\u0007", new LinkRow.Counters(1, 1, 1, 0));

        // When
        String text = new LinkTable(10).render(List.of(link), Duration.ofSeconds(2));

        // Then
        assertThat(text.lines()).hasSize(2);
        assertThat(text).contains("tab\\u0009and\\u001b[31m", "\\u009bK\\u202ea\\u000d\\u000a:8", "\\u0007");
        assertThat(text.replace(System.lineSeparator(), "").chars())
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
    }

    @Test
    void showsTheServiceColumnIfAServiceWasDialled() {
        // Given
        var direct = new LinkRow("shop/web", "shop/cart", 8080, "", new LinkRow.Counters(1, 1, 1, 0));
        var dialled = new LinkRow("shop/web", "shop/cart", 8080, "shop/cart-api", new LinkRow.Counters(2, 2, 1, 0));

        // When
        String with = new LinkTable(10).render(List.of(dialled, direct), Duration.ofSeconds(2));
        String without = new LinkTable(10).render(List.of(direct), Duration.ofSeconds(2));

        // Then
        assertThat(with.lines().toList())
                .satisfiesExactly(
                        header -> assertThat(header).contains("SERVICE"),
                        line -> assertThat(line).contains("shop/cart:8080", "shop/cart-api"),
                        line -> assertThat(line).doesNotContain("cart-api"));
        assertThat(without).doesNotContain("SERVICE");
    }

    @Test
    void linksWithDifferentServicesHaveSeparateRates() {
        // Given
        var table = new LinkTable(10);
        var idle = new LinkRow("shop/web", "shop/cart", 8080, "", new LinkRow.Counters(9_000, 0, 1, 0));
        table.render(
                List.of(
                        idle,
                        new LinkRow(
                                "shop/web", "shop/cart", 8080, "shop/cart-api", new LinkRow.Counters(1_000, 0, 1, 0))),
                Duration.ofSeconds(1));

        // When
        String text = table.render(
                List.of(
                        idle,
                        new LinkRow(
                                "shop/web", "shop/cart", 8080, "shop/cart-api", new LinkRow.Counters(3_000, 0, 1, 0))),
                Duration.ofSeconds(1));

        // Then
        assertThat(text.lines().toList().get(1)).contains("shop/cart-api", "2.00 kB/s");
        assertThat(text.lines().toList().get(2)).doesNotContain("/s");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.00 kB",
        "9999, 10.0 kB",
        "12345, 12.3 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "9223372036854775807, 9.22 EB"
    })
    void bytesHaveThreeDigitsAndAUnit(long bytes, String expected) {
        assertThat(LinkTable.humanBytes(bytes)).isEqualTo(expected);
    }
}
