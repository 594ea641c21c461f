package io.natator.bpf;

/**
 * How full a map or a ring buffer is.
 *
 * @param used entries in use; of a ring buffer, bytes
 * @param capacity maximum of {@code used}
 */
public record Fill(long used, long capacity) {
    /** Of something that does not exist. */
    public static final Fill NONE = new Fill(0, 0);

    /** So much is in use; {@link Used#of} completes it. */
    public static Used used(long used) {
        return new Used(used);
    }

    /** A fill without its capacity. */
    public record Used(long used) {
        /** The fill with this capacity. */
        public Fill of(long capacity) {
            return new Fill(used, capacity);
        }
    }
}
