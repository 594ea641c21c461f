package io.natator.collector.owner;

import io.natator.schemas.NameKind;
import org.jspecify.annotations.Nullable;

/**
 * What a person would call the owner of a socket outside Kubernetes.
 *
 * @param name empty if the command of the process is the best name, and if the kind is NONE or UNRESOLVED
 */
public record OwnerName(String name, NameKind kind) {
    /** Maximum length of a name in characters. Runtimes and systemd limit names to at most 255. */
    private static final int MAX_LENGTH = 255;

    /** No name: the socket belongs to a pod. */
    public static final OwnerName NONE = new OwnerName("", NameKind.NONE);

    /** Neither the cgroup nor the process could be found, so the socket can belong to anything, also to a pod. */
    public static final OwnerName UNRESOLVED = new OwnerName("", NameKind.UNRESOLVED);

    /** The command of the process is the best name. */
    static final OwnerName COMMAND = new OwnerName("", NameKind.PROCESS);

    /** Returns a name of the given kind; null if the text is no plausible name. */
    static @Nullable OwnerName of(@Nullable String name, NameKind kind) {
        return name == null || name.isBlank() || name.length() > MAX_LENGTH || !isPrintable(name)
                ? null
                : new OwnerName(name, kind);
    }

    /** Format characters can change the order in which a name and the text around it are shown. */
    private static boolean isPrintable(String name) {
        return name.codePoints().noneMatch(character -> switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
    }
}
