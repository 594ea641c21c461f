package io.natator.collector.owner;

import io.natator.schemas.NameKind;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the names of LXC containers, Nomad tasks and systemd units from the path of a cgroup. Pure functions. The
 * uppermost name in a path applies: an LXC container that runs systemd has units below its own cgroup.
 */
final class CgroupNames {
    /**
     * LXC 4 and later, LXD and Incus: {@code lxc.payload.<name>} (DEFAULT_PAYLOAD_CGROUP_PREFIX in lxc's
     * src/lxc/cgroups/cgroup.h). If the name exists already, LXC appends {@code -<number>}, which cannot be
     * distinguished from the end of a name.
     */
    private static final String LXC = "lxc.payload.";

    /**
     * Earlier versions of LXC, and Proxmox: {@code lxc/<name>} (lxc.cgroup.pattern in lxc.system.conf(5)).
     */
    private static final String LXC_PARENT = "lxc";

    /**
     * Nomad: {@code nomad.slice/share.slice/<allocation>.<task>.scope} with cgroup v2, {@code nomad/<allocation>.<task>}
     * with v1 (scopeCG1 and scopeCG2 in nomad's client/lib/cgroupslib/editor.go).
     */
    private static final Pattern NOMAD =
            Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.(.+?)(?:\\.scope)?");

    /** The names of units escape other characters like this (systemd.unit(5), systemd-escape(1)). */
    private static final Pattern ESCAPE = Pattern.compile("(?:\\\\x[0-9a-f]{2})+");

    private static final String SERVICE = ".service";

    /**
     * Below this slice are the sessions and the services of users (systemd.special(7)). Their units are called after the
     * desktop or the session, so the command is the better name.
     */
    private static final String USERS = "user.slice";

    private CgroupNames() {}

    /** Returns the name that a path contains; null if it contains none. */
    static @Nullable OwnerName parse(String path) {
        String[] parts = path.split("/");
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (part.startsWith(LXC)) {
                return OwnerName.of(part.substring(LXC.length()), NameKind.CONTAINER);
            }
            if (part.equals(LXC_PARENT) && i + 1 < parts.length) {
                return OwnerName.of(parts[i + 1], NameKind.CONTAINER);
            }
            if (part.equals(USERS)) {
                return null;
            }
            Matcher nomad = NOMAD.matcher(part);
            if (nomad.matches()) {
                return OwnerName.of(nomad.group(1), NameKind.TASK);
            }
            if (part.endsWith(SERVICE) && part.length() > SERVICE.length()) {
                return OwnerName.of(unescape(part.substring(0, part.length() - SERVICE.length())), NameKind.UNIT);
            }
        }
        return null;
    }

    /**
     * Returns whether a cgroup is one of a user's own. Users can give any name to their cgroups, also the id of another
     * container of the host.
     */
    static boolean isUsers(String path) {
        return path.startsWith("/" + USERS + "/");
    }

    private static String unescape(String unit) {
        // systemd puts '_' before a unit whose name could be mistaken for a file of the kernel, or begins with '_' or
        // '.'
        // (cg_escape).
        String plain = unit.startsWith("_") ? unit.substring(1) : unit;
        return ESCAPE.matcher(plain).replaceAll(escaped -> Matcher.quoteReplacement(decode(escaped.group())));
    }

    /** Decodes consecutive escaped bytes together, because a character outside ASCII has several. */
    private static String decode(String escapes) {
        String[] digits = escapes.substring(2).split("\\\\x");
        byte[] bytes = new byte[digits.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(digits[i], 16);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
