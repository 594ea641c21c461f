package io.natator.bpf;

import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a compiled object to attached programs: maps and links are pinned, and taken over from who pinned them, or end with us. */
final class Loading {
    private static final Logger log = LoggerFactory.getLogger(Loading.class);

    private final Resources resources;
    private final @Nullable PinDirectory pins;
    private final List<PinDirectory.Version> others;

    /**
     * Locks the pin directory.
     *
     * @param directory null where nothing is pinned
     * @param resources what closes all that is opened here
     */
    Loading(@Nullable Path directory, int layoutVersion, Resources resources) {
        this.resources = resources;
        pins = directory == null ? null : resources.add(PinDirectory.open(directory, layoutVersion));
        others = pins == null ? List.of() : pins.others();
        others.forEach(resources::add);
    }

    /** The pin directory; null where nothing is pinned. */
    @Nullable
    PinDirectory pins() {
        return pins;
    }

    /** What other versions have pinned. */
    List<PinDirectory.Version> others() {
        return others;
    }

    /**
     * Loads an object.
     *
     * @param sizes of its maps; one that is pinned keeps its own
     * @param adjustment what else is set before the kernel sees it
     */
    BpfObject load(
            String name,
            byte[] elf,
            Collection<String> pinnedMaps,
            Map<String, Integer> sizes,
            ConnectionFilter filter,
            Consumer<BpfSpec> adjustment) {
        try (BpfSpec spec = BpfSpec.open(name, elf)) {
            if (pins != null) {
                pins.describe(LayoutDescription.of(spec.btf()));
            }
            List<String> fresh = pinnedMaps.stream()
                    .filter(map -> pins == null || !pins.reuse(spec, map))
                    .toList();
            sizes.forEach((map, entries) -> {
                if (fresh.contains(map)) {
                    spec.maxEntries(map, entries);
                } else if (spec.maxEntries(map) != entries) {
                    log.atWarn()
                            .addKeyValue("map", map)
                            .addKeyValue("pinned", spec.maxEntries(map))
                            .addKeyValue("configured", entries)
                            .log("A pinned map keeps its size; unload it to have another one");
                }
            });
            adjustment.accept(spec);
            FilterLoader.prepare(spec, filter);
            BpfObject object = resources.add(spec.load());
            if (pins != null) {
                fresh.forEach(map -> pins.pin(object.map(map), map));
            }
            FilterLoader.fill(object, filter);
            return object;
        }
    }

    /** Keeps a link: where there are pins, in place of the one that has the program's name. */
    void keep(BpfLink link, String program) {
        resources.add(link);
        if (pins != null) {
            pins.replace(link, program);
        }
    }
}
