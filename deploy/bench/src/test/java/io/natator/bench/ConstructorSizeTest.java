package io.natator.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/**
 * Tests that no constructor has too many parameters: values that belong together are grouped in records. This module
 * has the classes of all other modules on its class path.
 */
class ConstructorSizeTest {
    private static final int MOST = 7;
    private static final int MOST_EXCEPTIONS = 10;

    /** Classes whose constructors are allowed to have more parameters, with the reason. */
    private static final Map<String, String> EXCEPTIONS = Map.of();

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.natator");

    @Test
    void noConstructorTakesMoreThanSevenValues() {
        Map<String, Integer> large = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            if (!isGenerated(type)) {
                int size = largest(type);
                if (size > MOST) {
                    large.put(type.getName(), size);
                }
            }
        }
        Set<String> unexpected = new TreeSet<>(large.keySet());
        unexpected.removeAll(EXCEPTIONS.keySet());
        assertThat(unexpected).as("of %s", large).isEmpty();
        assertThat(large.keySet()).as("exceptions that are needed").containsAll(EXCEPTIONS.keySet());
        assertThat(EXCEPTIONS).hasSizeLessThanOrEqualTo(MOST_EXCEPTIONS);
    }

    /** Returns true for classes that Avro generates, and for their builders. */
    private static boolean isGenerated(JavaClass type) {
        return type.isAssignableTo(SpecificRecord.class)
                || type.getEnclosingClass()
                        .filter(outer -> outer.isAssignableTo(SpecificRecord.class))
                        .isPresent();
    }

    private static int largest(JavaClass type) {
        return type.getConstructors().stream()
                .mapToInt(ConstructorSizeTest::size)
                .max()
                .orElse(0);
    }

    /** The number of parameters of a constructor, without those that the compiler adds for enums and inner classes. */
    private static int size(JavaConstructor constructor) {
        if (constructor.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.SYNTHETIC)) {
            return 0;
        }
        int added = constructor.getOwner().isEnum() ? 2 : 0;
        return constructor.getRawParameterTypes().size() - added - captured(constructor.getOwner());
    }

    private static int captured(JavaClass type) {
        List<String> fields = type.getFields().stream()
                .map(field -> field.getName())
                .filter(name -> name.startsWith("this$") || name.startsWith("val$"))
                .toList();
        return fields.size();
    }
}
