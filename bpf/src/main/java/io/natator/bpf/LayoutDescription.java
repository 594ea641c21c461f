package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.Btf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Describes the layout of the kernel side's structs as text. The text is pinned beside the maps, so that another
 * version of the collector can read their contents. The kernel's type information is not used for this, because reading
 * it requires CAP_SYS_ADMIN. Format: a line with name and size of a struct, followed by an indented line for each
 * member with its name, its offset and its size in bytes.
 */
record LayoutDescription(Map<String, Btf.Struct> structs) {
    /** The structs that another version reads from pinned maps. */
    static final List<String> STRUCTS = List.of("natator_record", "natator_fold_key", "natator_fold_value");

    private static final String MEMBER = "  ";

    LayoutDescription {
        structs = Map.copyOf(structs);
    }

    static LayoutDescription of(Btf types) {
        Map<String, Btf.Struct> structs = new HashMap<>();
        STRUCTS.forEach(name -> structs.put(name, types.struct(name)));
        return new LayoutDescription(structs);
    }

    Btf.Struct struct(String name) {
        Btf.Struct struct = structs.get(name);
        if (struct == null) {
            throw new BpfException("layout not understood: it has no struct " + name);
        }
        return struct;
    }

    byte[] bytes() {
        StringBuilder text = new StringBuilder();
        for (String name : STRUCTS) {
            Btf.Struct struct = struct(name);
            text.append(name).append(' ').append(struct.size()).append('\n');
            for (Btf.Member member : struct.members()) {
                text.append(MEMBER).append(member.name()).append(' ');
                text.append(member.offset()).append(' ').append(member.size()).append('\n');
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** @throws BpfException if the text does not describe structs in this format */
    static LayoutDescription parse(byte[] bytes) {
        Map<String, Btf.Struct> structs = new HashMap<>();
        List<Btf.Member> members = new ArrayList<>();
        try {
            for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                String[] words = line.strip().split(" ");
                if (line.startsWith(MEMBER)) {
                    members.add(new Btf.Member(words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2])));
                } else {
                    members = new ArrayList<>();
                    structs.put(words[0], new Btf.Struct(words[0], Integer.parseInt(words[1]), members));
                }
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException malformed) {
            throw new BpfException("layout not understood: it is no description of structs", malformed);
        }
        return new LayoutDescription(structs);
    }
}
