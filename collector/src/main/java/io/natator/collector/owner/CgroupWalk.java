package io.natator.collector.owner;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Walks through the directories of a cgroup2 mount. A directory that disappears during the walk does not end the walk.
 */
final class CgroupWalk {
    /** Receives each directory, parents before children. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Visits a directory. Its children are read after this call, so a child that is created during the walk is either
         * visited, or reported by a watch that this call begins.
         *
         * @param inode inode number of the directory, which is the cgroup's id
         */
        void visit(Path directory, long inode);
    }

    /** The number of links of a directory without child directories in kernfs. */
    private static final int LINKS_OF_LEAF = 2;

    private final Visitor visitor;
    private boolean complete = true;

    private CgroupWalk(Visitor visitor) {
        this.visitor = visitor;
    }

    /**
     * Visits a directory and all directories below it.
     *
     * @return whether all directories were visited that existed during the whole walk; false if some could not be read
     */
    static boolean walk(Path top, Visitor visitor) {
        var walk = new CgroupWalk(visitor);
        walk.visit(top);
        return walk.complete;
    }

    private void visit(Path directory) {
        try {
            visitor.visit(directory, inode(directory));
            if (((Number) Files.getAttribute(directory, "unix:nlink")).intValue() == LINKS_OF_LEAF) {
                // Most cgroups are leaves, and a leaf has dozens of files.
                return;
            }
            try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
                for (Path child : children) {
                    if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                        visit(child);
                    }
                }
            }
        } catch (NoSuchFileException removed) {
            // A cgroup can be removed only after its children, so nothing below it is missed.
            return;
        } catch (IOException | DirectoryIteratorException unreadable) {
            complete = false;
        }
    }

    /** Returns the inode number of a directory, which is the id of its cgroup (kernfs, 64-bit kernels). */
    static long inode(Path directory) throws IOException {
        return (Long) Files.getAttribute(directory, "unix:ino");
    }
}
