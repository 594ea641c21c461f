package io.natator.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Sets Avro's process-wide guards: Avro may instantiate the classes generated for Natator (since 1.12.1 it trusts only a few
 * of Java's own), and a damaged length cannot make it allocate more than a limit. Limits that are set as system properties
 * already stay.
 */
final class AvroSafety {
    /** More than any string or byte array of these schemas has. */
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

    /** Sets the guards; the work is done once, when this class is initialised. */
    static void install() {}

    private static void setIfAbsent(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, MAX_LENGTH);
        }
    }
}
