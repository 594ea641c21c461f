package io.natator.bpf.traffic;

import java.util.List;

/** How a connection ends when both sides have sent everything. */
public enum ClosingMode {
    /** The client closes, then the server. */
    CLIENT_FIRST,
    /** The server closes, then the client. */
    SERVER_FIRST,
    /** Both close as soon as they are done. */
    TOGETHER,
    /** The client sends, shuts its output, and the server answers only then. */
    CLIENT_HALF_CLOSE,
    /** The server sends, shuts its output, and the client answers only then. */
    SERVER_HALF_CLOSE,
    /** The client resets when both have read everything. */
    CLIENT_RESET,
    /** The server resets when both have read everything. */
    SERVER_RESET,
    /** The connection stays open, and can carry more, until the client closes it. */
    HELD;

    private static final List<ClosingMode> ALL = List.of(values());

    /** The modes that end without a command. */
    static final List<ClosingMode> ENDING =
            ALL.stream().filter(mode -> mode != HELD).toList();

    /** The modes that end without a reset. A reset that is lost on the way is never repeated. */
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
