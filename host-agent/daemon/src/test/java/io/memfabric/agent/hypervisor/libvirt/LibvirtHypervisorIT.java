package io.memfabric.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.hypervisor.VirtualMachine.State;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The adapter on libvirt itself, with libvirt's own test driver and its one VM. That driver knows no
/// balloon statistics: sizes are read from the definition.
final class LibvirtHypervisorIT {

    private static final String TEST_DRIVER = "test:///default";
    private static final long DEADLINE = Duration.ofSeconds(30).toNanos();

    private LibvirtHypervisor hypervisor = new LibvirtHypervisor(TEST_DRIVER);

    @BeforeAll
    static void needsLibvirt() {
        try {
            assertThat(LibvirtNative.LIBRARY).isNotNull();
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            assumeTrue(false, "libvirt's library is not installed: " + e.getMessage());
        }
    }

    @AfterEach
    void close() {
        hypervisor.close();
    }

    private List<VirtualMachine> machines() throws HypervisorException {
        long start = System.nanoTime();
        while (true) {
            try {
                return hypervisor.machines();
            } catch (HypervisorException e) {
                if (System.nanoTime() - start > DEADLINE) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private VirtualMachine machine() throws HypervisorException {
        return machines().getFirst();
    }

    /// The test driver's VMs are the same for every connection of a process.
    private static MemorySize memoryOf(UUID id) throws HypervisorException, IOException {
        LibvirtSession session = LibvirtSession.open(TEST_DRIVER);
        try {
            return MemorySize.ofBytes(DomainFacts.parse(session.xml(id)).currentMemoryBytes());
        } finally {
            session.retire();
        }
    }

    @Test
    void seesTheVmOfTheTestDriver() throws HypervisorException {
        assertThat(machines())
                .singleElement()
                .satisfies(
                        vm -> {
                            assertThat(vm.name()).isEqualTo("test");
                            assertThat(vm.state()).isEqualTo(State.RUNNING);
                            assertThat(vm.exclusion()).isNotNull();
                        });
    }

    @Test
    void answersAtOnceWhileItIsNotConnected() {
        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(() -> hypervisor.machines())
                .satisfies(e -> assertThat(e.code()).isEqualTo("libvirt_down"));
    }

    @Test
    void setsTheMemoryOfTheRunningVm() throws HypervisorException, IOException {
        UUID id = machine().id();
        hypervisor.setBalloon(id, MemorySize.ofMib(1024));

        assertThat(memoryOf(id)).isEqualTo(MemorySize.ofMib(1024));
    }

    @Test
    void roundsUpToWhatLibvirtCanSay() throws HypervisorException, IOException {
        UUID id = machine().id();
        hypervisor.setBalloon(id, MemorySize.ofBytes(MemorySize.ofMib(1024).bytes() + 1));

        assertThat(memoryOf(id)).isEqualTo(MemorySize.ofKib(1024 * 1024 + 1));
    }

    @Test
    void refusesAVmThatDoesNotExist() throws HypervisorException {
        machines();

        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(() -> hypervisor.setBalloon(new UUID(1, 2), MemorySize.ofMib(1024)))
                .satisfies(e -> assertThat(e.code()).isEqualTo("vm_not_found"));
        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(() -> hypervisor.disks(new UUID(1, 2)))
                .satisfies(e -> assertThat(e.code()).isEqualTo("vm_not_found"));
    }

    @Test
    void refusesMoreThanTheVmMayHave() throws HypervisorException {
        UUID id = machine().id();

        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(() -> hypervisor.setBalloon(id, MemorySize.ofGib(9)));
    }

    @Test
    void saysThatADiskCannotBeAttachedAndLeavesNone() throws HypervisorException {
        UUID id = machine().id();

        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(
                        () ->
                                hypervisor.attachDisk(
                                        id, new DiskToAttach("mf-1", Path.of("/s"), "x")))
                .satisfies(e -> assertThat(e.code()).isEqualTo("attach_failed"));
        assertThat(hypervisor.disks(id)).noneMatch(disk -> disk.serial().equals("mf-1"));
    }

    @Test
    void findsNothingToDetach() throws HypervisorException {
        hypervisor.detachDisk(machine().id(), "mf-1");
    }

    @Test
    void staysDownWhereThereIsNoLibvirt() {
        hypervisor.close();
        hypervisor = new LibvirtHypervisor("qemu+unix:///system?socket=/nonexistent");
        long start = System.nanoTime();
        String message = "";
        while (!message.contains("/nonexistent") && System.nanoTime() - start < DEADLINE) {
            try {
                hypervisor.machines();
            } catch (HypervisorException e) {
                assertThat(e.code()).isEqualTo("libvirt_down");
                message = String.valueOf(e.getMessage());
            }
        }
        assertThat(message).contains("/nonexistent");
    }
}
