package io.natator.bpf;

import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a BPF object and pins its maps and links. Maps that an earlier collector has pinned are reused, with their
 * contents and their sizes. Without a pin directory, nothing is pinned, and maps and programs end with this process.
 */
final class ObjectLoader {
    private static final Logger log = LoggerFactory.getLogger(ObjectLoader.class);

    private final Resources resources;
    private final @Nullable PinDirectory pins;
    private final List<PinDirectory.Version> others;

    /**
     * Creates a loader, and locks the pin directory.
     *
     * @param directory the pin directory; null if nothing should be pinned
     * @param resources receives everything that this loader opens, and closes it
     */
    ObjectLoader(@Nullable Path directory, int layoutVersion, Resources resources) {
        this.resources = resources;
        pins = directory == null ? null : resources.add(PinDirectory.open(directory, layoutVersion));
        others = pins == null ? List.of() : pins.others();
        others.forEach(resources::add);
    }

    /** Returns the pin directory; null if nothing is pinned. */
    @Nullable
    PinDirectory pins() {
        return pins;
    }

    /** Returns the pins that other versions of the kernel side have left. */
    List<PinDirectory.Version> others() {
        return others;
    }

    /** Returns the sizes that maps will have: the size of the pinned map if there is one, otherwise the wanted size. */
    Map<String, Integer> mapSizes(Map<String, Integer> wanted) {
        Map<String, Integer> sizes = new HashMap<>(wanted);
        if (pins != null) {
            wanted.keySet().stream().filter(pins::has).forEach(map -> sizes.put(map, pinnedSize(pins.path(map))));
        }
        wanted.forEach((map, size) -> {
            if (!size.equals(sizes.get(map))) {
                log.atWarn()
                        .addKeyValue("map", map)
                        .addKeyValue("pinned", sizes.get(map))
                        .addKeyValue("configured", size)
                        .log("A pinned map keeps its size; unload it to have another one");
            }
        });
        return sizes;
    }

    private static int pinnedSize(Path pin) {
        try (BpfMap map = BpfMap.openPinned(pin)) {
            return map.maxEntries();
        }
    }

    /** Loads an object into the kernel, which verifies its programs. Does not attach them. */
    BpfObject load(ObjectSettings settings) {
        try (BpfSpec spec = BpfSpec.open(settings.name(), settings.elf())) {
            Set<String> reused = reusePinned(spec, settings.pinnedMaps());
            settings.mapSizes().forEach((map, size) -> {
                if (!reused.contains(map)) {
                    spec.maxEntries(map, size);
                }
            });
            settings.constants().forEach(spec::constant);
            BpfObject object = resources.add(spec.load());
            if (pins != null) {
                settings.pinnedMaps().stream()
                        .filter(map -> !reused.contains(map))
                        .forEach(map -> object.map(map).pin(pins.path(map)));
            }
            return object;
        }
    }

    private Set<String> reusePinned(BpfSpec spec, List<String> pinnedMaps) {
        if (pins == null) {
            return Set.of();
        }
        pins.describe(LayoutDescription.of(spec.btf()));
        Set<String> reused = pinnedMaps.stream().filter(pins::has).collect(Collectors.toSet());
        reused.forEach(map -> spec.reuse(map, pins.path(map)));
        return reused;
    }

    /**
     * Keeps a program attached until the resources are closed. With a pin directory, the link is pinned under the
     * program's name, so the program stays attached after that. If an earlier program is pinned under this name, it is
     * replaced and detached.
     */
    void addLink(BpfLink link, String program) {
        resources.add(link);
        if (pins != null) {
            pins.replace(link, program);
        }
    }
}
