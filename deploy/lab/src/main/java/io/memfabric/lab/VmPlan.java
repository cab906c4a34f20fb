package io.memfabric.lab;

import io.memfabric.contract.vocabulary.MemorySize;

/// A VM that the lab is to run.
///
/// @param host the name of the host that it runs on
/// @param name its libvirt name
/// @param memory its RAM
/// @param disk a disk of zeros that it can read, or zero for none
/// @param balloon whether it has a balloon device
public record VmPlan(
        String host, String name, MemorySize memory, MemorySize disk, boolean balloon) {

    public static VmPlan of(String host, String name, MemorySize memory) {
        return new VmPlan(host, name, memory, MemorySize.ZERO, true);
    }

    /// With a disk that fills the guest's page cache when it is read.
    public VmPlan withDisk(MemorySize size) {
        return new VmPlan(host, name, memory, size, balloon);
    }

    public VmPlan withoutBalloon() {
        return new VmPlan(host, name, memory, disk, false);
    }
}
