package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViaTest {
    @Test
    void textIsReadAsItIsWritten() {
        var via = new Via("shop", "cart", 80);

        assertThat(via).hasToString("shop/cart:80");
        assertThat(via.service()).isEqualTo("shop/cart");
        assertThat(Via.parse("shop/cart:80")).contains(via);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "shop", "shop/cart", "shop/cart:", "shop/cart:http", "cart:80"})
    void otherTextIsNoService(String text) {
        assertThat(Via.parse(text)).isEmpty();
    }
}
