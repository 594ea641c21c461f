package io.natator.bpf.traffic;

import java.util.List;

/** How a test connection is closed after both ends have sent all their bytes. */
public enum ClosingMode {
    /** The client closes first, then the server. */
    CLIENT_FIRST,
    /** The server closes first, then the client. */
    SERVER_FIRST,
    /** Each end closes as soon as it has sent and received everything. */
    TOGETHER,
    /** The client sends its bytes and shuts down its output; only then the server sends. */
    CLIENT_HALF_CLOSE,
    /** The server sends its bytes and shuts down its output; only then the client sends. */
    SERVER_HALF_CLOSE,
    /** The client resets the connection when both ends have read everything. */
    CLIENT_RESET,
    /** The server resets the connection when both ends have read everything. */
    SERVER_RESET,
    /** The connection stays open until a command closes it at the client. Until then more bytes can be sent. */
    HELD;

    private static final List<ClosingMode> ALL = List.of(values());

    /** The modes in which the connection closes without a command. */
    static final List<ClosingMode> ENDING =
            ALL.stream().filter(mode -> mode != HELD).toList();

    /** The modes that close without a reset. For lossy paths: a reset that is lost is not retransmitted. */
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
