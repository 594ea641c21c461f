package io.natator.local;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** Tests that modules depend only on the modules and libraries that are allowed for them. */
class ModuleDependencyTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.natator");

    @Test
    void modulesUseOnlyTheirAllowedDependencies() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.natator..")
                .layer("schemas")
                .definedBy("io.natator.schemas..")
                .layer("bpf")
                .definedBy("io.natator.bpf..")
                .layer("http")
                .definedBy("io.natator.http..")
                .layer("collector")
                .definedBy("io.natator.collector..")
                .layer("enricher")
                .definedBy("io.natator.enricher..")
                .layer("topology-streams")
                .definedBy("io.natator.topology..")
                .layer("deploy")
                .definedBy("io.natator.local..", "io.natator.testcluster..")
                .whereLayer("schemas")
                .mayNotAccessAnyLayer()
                .whereLayer("bpf")
                .mayNotAccessAnyLayer()
                .whereLayer("http")
                .mayOnlyAccessLayers("schemas")
                .whereLayer("collector")
                .mayOnlyAccessLayers("schemas", "bpf", "http")
                .whereLayer("enricher")
                .mayOnlyAccessLayers("schemas", "http")
                .whereLayer("topology-streams")
                .mayOnlyAccessLayers("schemas", "http")
                .ensureAllClassesAreContainedInArchitecture()
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.natator.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void consumersNeedOnlyKafkaClientsAndAvro() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAPackage("io.natator.schemas..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.natator.schemas..",
                        "java..",
                        "org.apache.avro..",
                        "org.apache.kafka..",
                        "org.jspecify..",
                        // These are transitive dependencies: Avro needs Jackson, and Kafka's clients need SLF4J.
                        "com.fasterxml.jackson..",
                        "org.slf4j..")
                .check(CLASSES);
    }
}
