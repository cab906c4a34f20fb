package io.memfabric.lab;

import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The libvirt domain of a lab VM. Its memory is a shared memfd, so that the host can see page for
/// page what the guest holds; eight root ports leave room to plug disks.
final class DomainXml {

    private static final int ROOT_PORTS = 8;

    private DomainXml() {}

    static String of(VmPlan plan, UUID id, GuestImage image, Accelerator accelerator) {
        String ports =
                IntStream.rangeClosed(1, ROOT_PORTS)
                        .mapToObj(
                                i ->
                                        "<controller type='pci' index='%d' model='pcie-root-port'/>"
                                                .formatted(i))
                        .collect(Collectors.joining("\n    "));
        return """
        <domain type='%s'>
          <name>%s</name>
          <uuid>%s</uuid>
          <memory unit='b'>%d</memory>
          <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
          <vcpu>1</vcpu>
          <os>
            <type arch='x86_64' machine='q35'>hvm</type>
            <kernel>%s</kernel>
            <initrd>%s</initrd>
            <cmdline>%s</cmdline>
          </os>
          <features><acpi/></features>
          %s
          <on_poweroff>destroy</on_poweroff>
          <on_reboot>destroy</on_reboot>
          <on_crash>destroy</on_crash>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <controller type='pci' index='0' model='pcie-root'/>
            %s
            <controller type='usb' model='none'/>
            <controller type='virtio-serial' index='0'/>
            %s
            <channel type='unix'>
              <source mode='bind' path='%s'/>
              <target type='virtio' name='io.memfabric.guest.0'/>
            </channel>
            <channel type='unix'>
              <source mode='bind' path='%s'/>
              <target type='virtio' name='io.memfabric.lab.0'/>
            </channel>
            <serial type='file'><source path='%s'/></serial>
            %s
          </devices>
        </domain>
        """
                .formatted(
                        accelerator.domainType(),
                        plan.name(),
                        id,
                        plan.memory().bytes(),
                        image.kernel(),
                        image.initramfs(),
                        image.commandLine(),
                        accelerator.cpuElement(),
                        ports,
                        disk(plan),
                        LabVm.guestSocket(plan.name()),
                        LabVm.labSocket(plan.name()),
                        LabVm.serialLog(plan.name()),
                        balloon(plan));
    }

    private static String disk(VmPlan plan) {
        if (plan.disk().isZero()) {
            return "";
        }
        return """
        <disk type='file' device='disk'>
              <driver name='qemu' type='raw'/>
              <source file='%s'/>
              <target dev='vda' bus='virtio'/>
              <serial>lab-data</serial>
            </disk>\
        """
                .formatted(LabVm.diskFile(plan.name()));
    }

    private static String balloon(VmPlan plan) {
        return plan.balloon()
                ? """
                <memballoon model='virtio' autodeflate='on' freePageReporting='on'>
                      <stats period='1'/>
                    </memballoon>\
                """
                : "<memballoon model='none'/>";
    }
}
