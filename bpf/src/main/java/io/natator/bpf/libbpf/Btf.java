package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The structs and variables in a BPF object's type information
 * (<a href="https://docs.kernel.org/bpf/btf.html">BTF</a>). Immutable.
 */
public final class Btf {
    /** A member of a struct, or a variable in a section. Offset and size are in bytes. */
    public record Member(String name, int offset, int size) {}

    /** A struct. Its size is in bytes. */
    public record Struct(String name, int size, List<Member> members) {}

    /**
     * A part of a type's description, such as a member of a struct: at most three 32-bit words. The name is empty if
     * the type is neither a struct nor a union.
     */
    private record Entry(String name, int first, int second, int third) {}

    private record Type(String name, int kind, int sizeOrType, List<Entry> entries) {}

    private static final int POINTER = 2;
    private static final int ARRAY = 3;
    private static final int STRUCT = 4;
    private static final int UNION = 5;
    private static final int ENUMERATION = 6;
    private static final int FUNCTION_PROTOTYPE = 13;
    private static final int SECTION = 15;
    private static final int ENUMERATION_64 = 19;

    /** Size in bytes of a type's description without its entries. */
    private static final int TYPE_BYTES = 12;

    private final List<Type> types;

    private Btf(List<Type> types) {
        this.types = types;
    }

    static Btf parse(MemorySegment raw) {
        if (raw.byteSize() == 0) {
            throw new BpfException("BPF object not usable: it has no type information: compile it with -g");
        }
        int header = raw.get(JAVA_INT, 4);
        int position = header + raw.get(JAVA_INT, 8);
        int end = position + raw.get(JAVA_INT, 12);
        int strings = header + raw.get(JAVA_INT, 16);
        List<Type> types = new ArrayList<>();
        types.add(new Type("void", 0, 0, List.of()));
        while (position < end) {
            int information = raw.get(JAVA_INT, position + 4);
            int kind = (information >>> 24) & 0x1f;
            int words = wordsPerEntry(kind);
            int count = hasCount(kind) ? information & 0xffff : 1;
            List<Entry> entries = new ArrayList<>();
            int entry = position + TYPE_BYTES;
            for (int index = 0; words > 0 && index < count; index++) {
                int first = raw.get(JAVA_INT, entry);
                int second = words > 1 ? raw.get(JAVA_INT, entry + 4) : 0;
                int third = words > 2 ? raw.get(JAVA_INT, entry + 8) : 0;
                boolean named = kind == STRUCT || kind == UNION;
                entries.add(new Entry(named ? raw.getString(strings + first) : "", first, second, third));
                entry += 4 * words;
            }
            String name = raw.getString(strings + raw.get(JAVA_INT, position));
            types.add(new Type(name, kind, raw.get(JAVA_INT, position + 8), entries));
            position = entry;
        }
        return new Btf(List.copyOf(types));
    }

    /** Returns the struct with this name. */
    public Struct struct(String name) {
        Type type = find(STRUCT, name);
        List<Member> members = type.entries().stream()
                .map(entry -> new Member(entry.name(), entry.third() / Byte.SIZE, size(types.get(entry.second()))))
                .toList();
        return new Struct(name, type.sizeOrType(), members);
    }

    /** Returns a variable of a section such as {@code .rodata}. */
    Member variable(String section, String name) {
        for (Entry entry : find(SECTION, section).entries()) {
            if (types.get(entry.first()).name().equals(name)) {
                return new Member(name, entry.second(), entry.third());
            }
        }
        throw new BpfException("BPF object not usable: it has no constant named " + name);
    }

    private Type find(int kind, String name) {
        return types.stream()
                .filter(type -> type.kind() == kind && type.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BpfException("BPF object not usable: it has no type named " + name));
    }

    private int size(Type type) {
        return switch (type.kind()) {
            case POINTER -> Long.BYTES;
            case ARRAY -> {
                Entry array = type.entries().getFirst();
                yield size(types.get(array.first())) * array.third();
            }
            // The description of these types contains their size: integers (1), structs, unions, enumerations and
            // floats (16).
            case 1, STRUCT, UNION, ENUMERATION, 16, ENUMERATION_64 -> type.sizeOrType();
            // Typedefs and qualifiers refer to another type. Their size is the size of this type.
            default -> size(types.get(type.sizeOrType()));
        };
    }

    private static boolean hasCount(int kind) {
        return switch (kind) {
            case STRUCT, UNION, ENUMERATION, FUNCTION_PROTOTYPE, SECTION, ENUMERATION_64 -> true;
            default -> false;
        };
    }

    /** Returns how many 32-bit words each entry has in the description of a type of this kind. */
    private static int wordsPerEntry(int kind) {
        return switch (kind) {
            // For integers (encoding), variables (linkage) and declaration tags (component), an entry has one word.
            case 1, 14, 17 -> 1;
            case ENUMERATION, FUNCTION_PROTOTYPE -> 2;
            case ARRAY, STRUCT, UNION, SECTION, ENUMERATION_64 -> 3;
            default -> 0;
        };
    }
}
