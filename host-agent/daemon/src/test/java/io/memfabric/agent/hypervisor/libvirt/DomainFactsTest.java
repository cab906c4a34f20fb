package io.memfabric.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.Exclusion;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class DomainFactsTest {

    private static final String BALLOON = "<memballoon model='virtio'/>";

    private static DomainFacts facts(String devices) throws IOException {
        return facts("", devices);
    }

    private static DomainFacts facts(String domain, String devices) throws IOException {
        return DomainFacts.parse(
                "<domain type='kvm'><memory unit='KiB'>524288</memory>"
                        + "<currentMemory unit='KiB'>262144</currentMemory>"
                        + domain
                        + "<devices>"
                        + devices
                        + "</devices></domain>");
    }

    @Test
    void findsNothingAgainstAPlainVm() throws IOException {
        assertThat(facts(BALLOON).fixedExclusion()).isNull();
        assertThat(facts(BALLOON).currentMemoryBytes()).isEqualTo(256L << 20);
    }

    @Test
    void seesThatThereIsNoBalloon() throws IOException {
        assertThat(facts("<memballoon model='none'/>").fixedExclusion())
                .isEqualTo(Exclusion.NO_BALLOON);
        assertThat(facts("").fixedExclusion()).isEqualTo(Exclusion.NO_BALLOON);
    }

    @Test
    void seesWhatPinsMemory() throws IOException {
        assertThat(facts(BALLOON + "<hostdev mode='subsystem' type='pci'/>").fixedExclusion())
                .isEqualTo(Exclusion.PASSTHROUGH);
        assertThat(facts(BALLOON + "<hostdev mode='subsystem' type='usb'/>").fixedExclusion())
                .isNull();
        assertThat(facts(BALLOON + "<interface type='hostdev'/>").fixedExclusion())
                .isEqualTo(Exclusion.PASSTHROUGH);
        assertThat(facts("<memoryBacking><hugepages/></memoryBacking>", BALLOON).fixedExclusion())
                .isEqualTo(Exclusion.HUGE_PAGES);
        assertThat(facts("<memoryBacking><locked/></memoryBacking>", BALLOON).fixedExclusion())
                .isEqualTo(Exclusion.LOCKED);
    }

    @Test
    void findsOnlyOurGuestChannel() throws IOException {
        String other =
                "<channel type='unix'><source mode='bind' path='/a'/>"
                        + "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
        String ours =
                "<channel type='unix'><source mode='bind' path='/b'/>"
                        + "<target type='virtio' name='io.memfabric.guest.0'/></channel>";

        assertThat(facts(other).guestChannel()).isNull();
        assertThat(facts(other + ours).guestChannel()).isEqualTo(Path.of("/b"));
    }

    @Test
    void readsADiskAsItIsInForce() throws IOException {
        AttachedDisk disk =
                facts(
                                "<disk type='network' device='disk'>"
                                        + "<driver name='qemu' error_policy='stop'"
                                        + " rerror_policy='stop'/>"
                                        + "<source protocol='nbd' name='x'>"
                                        + "<host transport='unix' socket='/s'/>"
                                        + "<reconnect delay='300'/></source>"
                                        + "<target dev='vdb' bus='virtio'/>"
                                        + "<serial>mf-1</serial></disk>")
                        .disk("mf-1")
                        .orElseThrow();

        assertThat(disk)
                .isEqualTo(
                        new AttachedDisk("vdb", "mf-1", Path.of("/s"), "x", "stop", "stop", 300));
        assertThat(disk.pausesOnError()).isTrue();
    }

    @Test
    void seesThatADiskHandsItsErrorsToTheGuest() throws IOException {
        AttachedDisk disk =
                facts("<disk><target dev='vdb'/><serial>mf-1</serial></disk>")
                        .disk("mf-1")
                        .orElseThrow();

        assertThat(disk.pausesOnError()).isFalse();
        assertThat(disk.reconnectSeconds()).isNull();
    }

    @Test
    void findsAFreeNameForADisk() throws IOException {
        assertThat(facts("").freeTarget()).isEqualTo("vdb");
        assertThat(
                        facts("<disk><target dev='vdb'/></disk><disk><target dev='vdd'/></disk>")
                                .freeTarget())
                .isEqualTo("vdc");
    }

    @Test
    void writesADiskThatItReadsBackTheSame() throws IOException {
        DiskToAttach disk = new DiskToAttach("mf-1", Path.of("/run/a'b<&>\".sock"), "x&'<y");
        AttachedDisk read = facts(DiskXml.toAttach(disk, "vdb")).disk("mf-1").orElseThrow();

        assertThat(read.socket()).isEqualTo(disk.socket());
        assertThat(read.exportName()).isEqualTo(disk.exportName());
        assertThat(read.pausesOnError()).isTrue();
        assertThat(facts(DiskXml.toDetach(read)).disk("mf-1").orElseThrow().target())
                .isEqualTo("vdb");
    }

    @Test
    void refusesWhatIsNoDomain() {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> DomainFacts.parse("<a/>"));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> DomainFacts.parse("rubbish"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () ->
                                DomainFacts.parse(
                                        "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
                                                + "<domain><devices/></domain>"));
    }
}
