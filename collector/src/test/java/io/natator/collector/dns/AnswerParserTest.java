package io.natator.collector.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the parser. Each test runs in a separate thread with a timeout, so that an endless loop makes the test fail.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AnswerParserTest {
    private static final int QUESTION = 12;

    private static DnsResolution resolution(Message message) throws MalformedMessageException {
        return AnswerParser.parse(message.bytes()).orElseThrow();
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    // The following tests parse well-formed answers.

    @Test
    void readsAddresses() throws MalformedMessageException {
        // Given
        Message message = Message.answer("API.Example.com", Message.A, 2)
                .pointer(QUESTION)
                .record(Message.A, 300, 4)
                .raw(192, 0, 2, 1)
                .pointer(QUESTION)
                .record(Message.A, 60, 4)
                .raw(192, 0, 2, 2);

        // When
        DnsResolution resolution = resolution(message);

        // Then
        assertThat(resolution)
                .isEqualTo(
                        new DnsResolution("api.example.com", List.of(address("192.0.2.1"), address("192.0.2.2")), 60));
    }

    @Test
    void readsIpv6Addresses() throws MalformedMessageException {
        // When
        DnsResolution resolution = resolution(Message.answer("example.com", Message.AAAA, 1)
                .address("example.com", 30, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7));

        // Then
        assertThat(resolution.addresses()).containsExactly(address("2001:db8::7"));
    }

    @Test
    void namesTheAddressByTheQueryAndNotByItsAlias() throws MalformedMessageException {
        // Given: an order of records that the RFCs allow
        Message message = Message.answer("www.shop.example", Message.A, 3)
                .address("edge7.cdn.example", 20, 192, 0, 2, 9)
                .alias("shop.cdn.example", 3_600, "edge7.cdn.example")
                .alias("www.shop.example", 10, "shop.cdn.example");

        // When
        DnsResolution resolution = resolution(message);

        // Then
        assertThat(resolution).isEqualTo(new DnsResolution("www.shop.example", List.of(address("192.0.2.9")), 10));
    }

    @Test
    void ignoresRecordsThatTheQuestionDoesNotLeadTo() throws MalformedMessageException {
        // When
        DnsResolution resolution = resolution(Message.answer("mine.example", Message.A, 3)
                .address("bank.example", 60, 192, 0, 2, 66)
                .alias("bank.example", 60, "mine.example")
                .address("mine.example", 60, 192, 0, 2, 1));

        // Then
        assertThat(resolution.addresses()).containsExactly(address("192.0.2.1"));
    }

    @Test
    void readsATimeToLiveWithTheHighestBitSetAsZero() throws MalformedMessageException {
        assertThat(resolution(Message.answer("a.example", Message.A, 1).address("a.example", 0x80000001, 192, 0, 2, 1))
                        .ttlSeconds())
                .isZero();
    }

    @Test
    void printsNothingWithoutAProblem() throws MalformedMessageException {
        assertThat(AnswerParser.parse(Message.header(0x0100, 1, 0)
                        .name("question.example")
                        .number(Message.A)
                        .number(1)
                        .bytes()))
                .isEmpty();
        assertThat(AnswerParser.parse(Message.header(0x8183, 1, 0)
                        .name("nowhere.example")
                        .number(Message.A)
                        .number(1)
                        .bytes()))
                .isEmpty();
        assertThat(AnswerParser.parse(Message.answer("mail.example", 15, 0).bytes()))
                .isEmpty();
        assertThat(AnswerParser.parse(Message.answer("", Message.A, 1)
                        .address("", 60, 192, 0, 2, 1)
                        .bytes()))
                .isEmpty();
        assertThat(AnswerParser.parse(Message.answer("a.example", Message.A, 1)
                        .address("a.example", 60, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)
                        .bytes()))
                .isEmpty();
        assertThat(AnswerParser.parse(
                        Message.header(Message.RESPONSE, 2, 1).name("a.example").bytes()))
                .isEmpty();
    }

    // The following tests parse malformed messages.

    @Test
    void endsAtPointersThatLeadInACircle() {
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).pointer(QUESTION));
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).raw(1, 'a').pointer(QUESTION));
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).pointer(14).pointer(QUESTION));
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).pointer(0x3fff));
    }

    @Test
    void refusesNamesThatAreTooLongOrMalformed() {
        assertMalformed(Message.answer(
                String.join(".", List.of("a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(62))),
                Message.A,
                0));
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).raw(0x40, 'a', 0));
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).raw(0x80, 'a', 0));
        assertMalformed(Message.header(Message.RESPONSE, 1, 0).raw(63, 'a'));
        assertMalformed(Message.answer("<script>.example", Message.A, 0));
        assertMalformed(Message.answer("a\nb.example", Message.A, 0));
        assertMalformed(Message.answer("\u00e9.example", Message.A, 0));
    }

    @Test
    void acceptsTheLongestName() throws MalformedMessageException {
        String longest = String.join(".", List.of("a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)));
        assertThat(longest).hasSize(253);
        assertThat(resolution(Message.answer(longest, Message.A, 1).address(longest, 60, 192, 0, 2, 1))
                        .name())
                .isEqualTo(longest);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 128, 65_535})
    void doesNotTrustTheRecordCount(int answers) throws MalformedMessageException {
        // Given
        Message message = Message.answer("a.example", Message.A, answers).address("a.example", 60, 192, 0, 2, 1);

        // When
        Optional<DnsResolution> resolution = AnswerParser.parse(message.bytes());

        // Then
        assertThat(resolution.isPresent()).isEqualTo(answers > 0);
    }

    @Test
    void doesNotTrustLengths() throws MalformedMessageException {
        // Given
        Message message = Message.answer("a.example", Message.A, 4)
                .name("a.example")
                .record(Message.A, 60, 5)
                .raw(192, 0, 2, 66, 1)
                .address("a.example", 60, 192, 0, 2, 1)
                .name("a.example")
                .record(Message.CNAME, 60, 3)
                .name("b.example")
                .address("a.example", 60, 192, 0, 2, 66);

        // When / Then
        assertThat(resolution(message).addresses()).containsExactly(address("192.0.2.1"));
    }

    @Test
    void endsAtAliasesThatLeadInACircle() throws MalformedMessageException {
        assertThat(AnswerParser.parse(Message.answer("a.example", Message.A, 2)
                        .alias("a.example", 60, "b.example")
                        .alias("b.example", 60, "a.example")
                        .bytes()))
                .isEmpty();
    }

    @Test
    void readsTheCompleteRecordsOfEveryPrefix() {
        // Given
        Message question = Message.answer("a.example", Message.A, 2);
        int first = question.size();
        byte[] whole = question.address("a.example", 60, 192, 0, 2, 1)
                .address("a.example", 60, 192, 0, 2, 2)
                .bytes();
        int recordBytes = (whole.length - first) / 2;

        for (int length = 0; length <= whole.length; length++) {
            byte[] beginning = Arrays.copyOf(whole, length);
            int expected = Math.max(0, (length - first) / recordBytes);
            if (length < first) {
                assertThatThrownBy(() -> AnswerParser.parse(beginning))
                        .as("%d bytes", length)
                        .isInstanceOf(MalformedMessageException.class);
            } else {
                assertThat(parsed(beginning).map(DnsResolution::addresses).orElse(List.of()))
                        .as("%d bytes", length)
                        .hasSize(expected);
            }
        }
    }

    private static Optional<DnsResolution> parsed(byte[] message) {
        try {
            return AnswerParser.parse(message);
        } catch (MalformedMessageException malformed) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void survivesEveryDamagedMessage(long seed) {
        // Given
        RandomGenerator seeded = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        byte[] good = Message.answer("www.shop.example", Message.A, 4)
                .alias("www.shop.example", 10, "shop.cdn.example")
                .pointer(QUESTION)
                .record(Message.A, 300, 4)
                .raw(192, 0, 2, 1)
                .address("shop.cdn.example", 20, 192, 0, 2, 9)
                .address("shop.cdn.example", 20, 192, 0, 2, 10)
                .bytes();
        long begin = System.nanoTime();

        // When
        for (int round = 0; round < 50_000; round++) {
            byte[] damaged = seeded.nextInt(10) == 0 ? new byte[seeded.nextInt(1_300)] : good.clone();
            if (damaged.length == good.length) {
                for (int change = 1 + seeded.nextInt(6); change > 0; change--) {
                    damaged[seeded.nextInt(damaged.length)] = (byte) seeded.nextInt();
                }
            } else {
                seeded.nextBytes(damaged);
            }
            Optional<DnsResolution> read = parsed(Arrays.copyOf(damaged, seeded.nextInt(damaged.length + 1)));

            // Then
            read.ifPresent(resolution -> {
                assertThat(resolution.name()).matches("[a-z0-9_.-]{1,253}");
                assertThat(resolution.addresses()).isNotEmpty();
                assertThat(resolution.ttlSeconds()).isNotNegative();
            });
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }

    private static void assertMalformed(Message message) {
        assertThatThrownBy(() -> AnswerParser.parse(message.bytes())).isInstanceOf(MalformedMessageException.class);
    }
}
