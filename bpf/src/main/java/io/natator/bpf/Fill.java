package io.natator.bpf;

/**
 * How full a map or a ring buffer is.
 *
 * @param used number of entries in use; for a ring buffer, number of bytes
 * @param capacity maximum of {@code used}
 */
public record Fill(long used, long capacity) {
    /** The fill of a map that does not exist. */
    public static final Fill NONE = new Fill(0, 0);

    /** Starts a fill; call {@link Used#of} to set the capacity. */
    public static Used used(long used) {
        return new Used(used);
    }

    /** An incomplete fill: {@link #of} adds the capacity. */
    public record Used(long used) {
        /** Returns the fill with this capacity. */
        public Fill of(long capacity) {
            return new Fill(used, capacity);
        }
    }
}
