package io.natator.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Loads every version of a schema with which a release has written records. The files are {@code
 * released/<name>-<version>.avsc} in the package of the class, from version 1 without gaps. With these schemas a reader
 * can read the records of every earlier release.
 */
final class ReleasedSchemas {
    private ReleasedSchemas() {}

    /** The released versions of a type, oldest first; empty before its first release. */
    static List<Schema> of(Schema type) {
        List<Schema> versions = new ArrayList<>();
        for (int version = 1; ; version++) {
            String resource = "/" + type.getNamespace().replace('.', '/') + "/released/" + type.getName() + "-"
                    + version + ".avsc";
            try (InputStream in = ReleasedSchemas.class.getResourceAsStream(resource)) {
                if (in == null) {
                    return List.copyOf(versions);
                }
                // Use a new parser for each file. Each file contains its nested types, so a shared parser would fail on
                // repeated definitions.
                versions.add(new Schema.Parser().parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the schema " + resource, e);
            }
        }
    }
}
