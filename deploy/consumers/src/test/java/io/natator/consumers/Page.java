package io.natator.consumers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code schemas/README.md}, the page for consumers of the topics. */
final class Page {
    private static final Path FILE = Path.of("..", "..", "schemas", "README.md");

    private Page() {}

    /** Returns the first block of code under a heading. */
    static String block(String heading) throws IOException {
        Matcher block = Pattern.compile(
                        "^## " + Pattern.quote(heading) + "$.*?^```[a-z]*\\n(.*?)^```$",
                        Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(FILE));
        if (!block.find()) {
            throw new AssertionError(FILE + " has no block of code under '" + heading + "'");
        }
        return block.group(1).strip();
    }

    /** Returns those jars and folders of this JVM's class path whose paths contain one of the texts. */
    static String classPath(String... parts) {
        return Arrays.stream(System.getProperty("java.class.path").split(":", -1))
                .filter(entry -> parts.length == 0 || Arrays.stream(parts).anyMatch((entry + "/")::contains))
                .collect(java.util.stream.Collectors.joining(":"));
    }
}
