package io.natator.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Every version of a schema that a release wrote: {@code released/<name>-<version>.avsc} in the package of
 * its class, from version 1 on without gaps. With them a reader understands what any earlier release wrote.
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
                // Each file stands alone, nested types included, so each has a parser of its own.
                versions.add(new Schema.Parser().parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the schema " + resource, e);
            }
        }
    }
}
