package io.natator.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Sets two process-wide properties of Avro. The first allows Avro to instantiate the classes generated for Natator:
 * since 1.12.1, Avro instantiates only a few classes of the JDK by default. The second limits the memory that Avro
 * allocates if a length in a record is damaged. System properties that are already set are not changed.
 */
final class AvroSafety {
    /** Maximum length of a string or byte array, in bytes. All strings and arrays of valid records are far shorter. */
    private static final String MAX_LENGTH = Integer.toString(1 << 20);

    static {
        setIfAbsent("org.apache.avro.limits.string.maxLength");
        setIfAbsent("org.apache.avro.limits.bytes.maxLength");
        setIfAbsent("org.apache.avro.limits.collectionItems.maxLength");
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().startsWith("io.natator.")));
    }

    private AvroSafety() {}

    /** Sets the properties. They are set once, when this class is initialised. */
    static void install() {}

    private static void setIfAbsent(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, MAX_LENGTH);
        }
    }
}
