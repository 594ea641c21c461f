package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.Btf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Converts a struct of another version into the layout of this version. Members are matched by name. A member that only
 * this version has becomes 0; a member that only the other version has is skipped. A number can have another width in
 * the other version; it is copied as little-endian, the byte order of all supported processors. Not thread-safe.
 */
final class Transcoder {
    private record Move(long from, long to, long bytes) {}

    private final List<Move> moves;
    private final int theirBytes;
    private final MemorySegment ours;

    private Transcoder(List<Move> moves, int theirBytes, MemorySegment ours) {
        this.moves = moves;
        this.theirBytes = theirBytes;
        this.ours = ours;
    }

    /**
     * Creates a transcoder from one struct to another.
     *
     * @param needed names of the members without which a record cannot be used
     * @throws BpfException if {@code theirs} lacks a needed member, or if a member that is not a number has another
     *     size
     */
    static Transcoder of(Btf.Struct theirs, StructLayout ours, Set<String> needed) {
        Map<String, Btf.Member> from =
                theirs.members().stream().collect(Collectors.toMap(Btf.Member::name, Function.identity()));
        List<Move> moves = new ArrayList<>();
        long to = 0;
        for (MemoryLayout member : ours.memberLayouts()) {
            String name = member.name().orElseThrow();
            Btf.Member match = from.get(name);
            if (match != null) {
                moves.add(new Move(match.offset(), to, bytes(theirs, match, member)));
            } else if (needed.contains(name)) {
                throw new BpfException("struct " + theirs.name() + " not understood: it has no member " + name);
            }
            to += member.byteSize();
        }
        return new Transcoder(moves, theirs.size(), Arena.ofAuto().allocate(ours.byteSize(), Long.BYTES));
    }

    private static long bytes(Btf.Struct theirs, Btf.Member from, MemoryLayout to) {
        boolean numbers = from.size() <= Long.BYTES && to.byteSize() <= Long.BYTES;
        if (from.offset() + from.size() > theirs.size() || (!numbers && from.size() != to.byteSize())) {
            throw new BpfException(
                    "struct " + theirs.name() + " not understood: member " + from.name() + " is something else");
        }
        return Math.min(from.size(), to.byteSize());
    }

    /** Converts a struct into the layout of this version. The returned segment is valid until the next call. */
    MemorySegment apply(MemorySegment theirs) {
        if (theirs.byteSize() < theirBytes) {
            throw new BpfException("record not understood: " + theirs.byteSize() + " bytes and not " + theirBytes);
        }
        ours.fill((byte) 0);
        moves.forEach(move -> MemorySegment.copy(theirs, move.from(), ours, move.to(), move.bytes()));
        return ours;
    }
}
