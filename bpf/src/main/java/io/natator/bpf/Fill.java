package io.natator.bpf;

/**
 * How full a map or a ring buffer is.
 *
 * @param used number of entries in use; for a ring buffer, number of bytes
 * @param capacity maximum of {@code used}
 */
public record Fill(long used, long capacity) {
    /** The fill level of a map that does not exist. */
    public static final Fill NONE = new Fill(0, 0);

    /** Begins a fill level with the used entries or bytes; call {@link Used#of} to complete it with the capacity. */
    public static Used used(long used) {
        return new Used(used);
    }

    /** A fill level whose capacity is not set yet: {@link #of} sets it. */
    public record Used(long used) {
        /** Returns the complete fill level, with the given capacity. */
        public Fill of(long capacity) {
            return new Fill(used, capacity);
        }
    }
}
