package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests that no file contains phrases or identifiers that a reader would not understand at once. */
class PlainWordsTest {
    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final Set<String> GENERATED = Set.of("target", "data", "node_modules", ".git", "released");
    /**
     * Files that are allowed to contain the words: this test, the license, and files with names of fields of earlier
     * versions.
     */
    private static final Set<String> EXCEPTIONS =
            Set.of("PlainWordsTest.java", "LICENSE", "LedgerEntry.avsc", "EntrySerdeTest.java");

    private static final Pattern PHRASES = Pattern.compile(
            "\\b(told of|tells? of|hears?|heard|hand(s|ed|ing)? on|left out|leaves? out|set(s|ting)? aside"
                    + "|of (its|their) own accord|whoever|whose look)\\b",
            Pattern.CASE_INSENSITIVE);
    /** Names of methods and declared types that are forbidden. */
    private static final Pattern IDENTIFIERS =
            Pattern.compile("\\b(hear|tell|heard|told)([A-Z]\\w*)?\\(|\\b(heard|told)[A-Z]\\w*"
                    + "|\\b(class|record|interface|enum) \\w*(Counted|Counting|Sums|Folding)\\b");

    @Test
    void noFileUsesAPhraseThatIsNeverRight() throws IOException {
        assertThat(linesWith(PHRASES)).isEmpty();
    }

    @Test
    void noIdentifierIsAWordOfAPrivateLanguage() throws IOException {
        assertThat(linesWith(IDENTIFIERS)).isEmpty();
    }

    private static List<String> linesWith(Pattern pattern) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            try {
                List<String> lines = Files.readAllLines(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (pattern.matcher(lines.get(i)).find()) {
                        found.add(ROOT.relativize(file) + ":" + (i + 1) + ": "
                                + lines.get(i).strip());
                    }
                }
            } catch (MalformedInputException e) {
                // not a text file
            }
        }
        return found;
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return GENERATED.contains(directory.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()
                        && !EXCEPTIONS.contains(file.getFileName().toString())) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }
}
