package io.natator.collector;

import java.nio.file.Path;

/**
 * Where the host's file systems are mounted.
 *
 * @param cgroupRoot mount point of cgroup2
 * @param procRoot mount point of the proc file system of the initial pid namespace
 * @param pinDirectory directory in a BPF file system where maps and links are pinned
 */
public record HostPaths(Path cgroupRoot, Path procRoot, Path pinDirectory) {}
