package io.natator.bpf.traffic;

import java.util.List;

/** Determines how a test connection is closed after both ends have sent all their bytes. */
public enum ClosingMode {
    /** The client closes first, then the server. */
    CLIENT_FIRST,
    /** The server closes first, then the client. */
    SERVER_FIRST,
    /** Each end closes as soon as it has sent and received everything. */
    TOGETHER,
    /** The client sends its bytes and shuts down its output. The server sends its bytes only after that. */
    CLIENT_HALF_CLOSE,
    /** The server sends its bytes and shuts down its output. The client sends its bytes only after that. */
    SERVER_HALF_CLOSE,
    /** The client resets the connection when both ends have read everything. */
    CLIENT_RESET,
    /** The server resets the connection when both ends have read everything. */
    SERVER_RESET,
    /**
     * The connection stays open until the test tells the client to close it. Until then the client can send more bytes.
     */
    HELD;

    private static final List<ClosingMode> ALL = List.of(values());

    /** The modes in which the connection closes without a command of the test. */
    static final List<ClosingMode> ENDING =
            ALL.stream().filter(mode -> mode != HELD).toList();

    /**
     * The modes that close without a reset. Tests with packet loss use them, because a lost reset is not retransmitted.
     */
    static final List<ClosingMode> ORDERLY =
            ENDING.stream().filter(mode -> !mode.resets()).toList();

    byte code() {
        return (byte) ALL.indexOf(this);
    }

    static ClosingMode of(byte code) {
        return ALL.get(code);
    }

    /** Whether one end resets the connection. */
    public boolean resets() {
        return this == CLIENT_RESET || this == SERVER_RESET;
    }
}
