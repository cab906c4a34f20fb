package io.memfabric.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// What each package may import. The picture behind it is in README.md, "How the parts fit".
@AnalyzeClasses(packages = "io.memfabric", importOptions = ImportOption.DoNotIncludeTests.class)
final class ImportRulesTest {

    @ArchTest
    static final ArchRule contractKnowsOnlyItself =
            classes()
                    .that()
                    .resideInAPackage("io.memfabric.contract..")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                    "io.memfabric.contract..",
                                    "java..",
                                    "org.jspecify..",
                                    "com.fasterxml.jackson.annotation.."));

    @ArchTest
    static final ArchRule policiesArePure =
            classes()
                    .that()
                    .resideInAnyPackage(
                            "io.memfabric.agent.policy..", "io.memfabric.broker.policy..")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                    "io.memfabric.agent.policy..",
                                    "io.memfabric.broker.policy..",
                                    "io.memfabric.contract..",
                                    "java.lang..",
                                    "java.util..",
                                    "java.time..",
                                    "java.math..",
                                    "java.nio.charset..",
                                    "java.security..",
                                    "org.jspecify.."))
                    .andShould()
                    .onlyDependOnClassesThat(
                            resideOutsideOfPackages("java.lang.foreign..", "java.util.logging.."));

    @ArchTest
    static final ArchRule policiesReadNoClock =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "io.memfabric.agent.policy..", "io.memfabric.broker.policy..")
                    .should()
                    .callMethod(System.class, "nanoTime")
                    .orShould()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .callMethod(java.time.Instant.class, "now")
                    .orShould()
                    .dependOnClassesThat()
                    .belongToAnyOf(Thread.class, java.time.Clock.class);

    @ArchTest
    static final ArchRule brokerAndAgentNeverImportEachOther =
            noClasses()
                    .that()
                    .resideInAPackage("io.memfabric.broker..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.memfabric.agent..", "io.memfabric.lab..");

    @ArchTest
    static final ArchRule agentKnowsNoBrokerAndNoSpring =
            noClasses()
                    .that()
                    .resideInAPackage("io.memfabric.agent..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.memfabric.broker..", "io.memfabric.lab..", "org.springframework..");

    @ArchTest
    static final ArchRule theClientKnowsOnlyTheContract =
            noClasses()
                    .that()
                    .resideInAPackage("io.memfabric.client..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.memfabric.broker..",
                            "io.memfabric.agent..",
                            "io.memfabric.lab..",
                            "org.springframework..");

    @ArchTest
    static final ArchRule libvirtStaysInItsAdapter =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.memfabric.agent.hypervisor.libvirt..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.libvirt..", "com.sun.jna..");

    @ArchTest
    static final ArchRule rdmaStaysInItsPackage =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.memfabric.agent.rdma..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.ibm.disni..");

    @ArchTest
    static final ArchRule nativeMemoryStaysWithItsOwners =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "io.memfabric.agent.lending..",
                            "io.memfabric.agent.borrowing..",
                            "io.memfabric.agent.rdma..",
                            "io.memfabric.agent.systemd..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.lang.foreign..");

    @ArchTest
    static final ArchRule nbdKnowsNoRegionAndNoGrant =
            classes()
                    .that()
                    .resideInAPackage("io.memfabric.agent.nbd..")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                    "io.memfabric.agent.nbd..",
                                    "java..",
                                    "javax.net.ssl..",
                                    "org.jspecify.."));

    @ArchTest
    static final ArchRule lendingAndBorrowingNeverImportEachOther =
            noClasses()
                    .that()
                    .resideInAPackage("io.memfabric.agent.lending..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.memfabric.agent.borrowing..");

    @ArchTest
    static final ArchRule borrowingKnowsNoLending =
            noClasses()
                    .that()
                    .resideInAPackage("io.memfabric.agent.borrowing..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.memfabric.agent.lending..");

    @ArchTest
    static final ArchRule agentFeaturesHaveNoCycles =
            slices().matching("io.memfabric.agent.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule brokerFeaturesHaveNoCycles =
            slices().matching("io.memfabric.broker.(*)..").should().beFreeOfCycles();

    @ArchTest
    static void everyModuleIsInTheImport(JavaClasses all) {
        assertThat(all.stream().map(c -> c.getPackageName().split("\\.", 4)[2]).distinct())
                .contains("contract", "broker", "agent", "client", "lab");
    }
}
