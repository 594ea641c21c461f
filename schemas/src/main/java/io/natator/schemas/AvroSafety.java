package io.natator.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro's process-wide guards: lets it instantiate the classes generated for Natator (since 1.12.1 it trusts only a few
 * of Java's own), and bounds what a damaged length may make it allocate. Limits already set as system properties stay.
 */
final class AvroSafety {
    /** More than any string or byte array of ours has. */
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

    /** Does its work once, when this class is initialised. */
    static void install() {}

    private static void setIfAbsent(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, MAX_LENGTH);
        }
    }
}
