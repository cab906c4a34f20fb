package io.memfabric.lab;

import io.memfabric.contract.vocabulary.MemorySize;

/// A VM that the lab is to run.
///
/// @param name its libvirt name
/// @param memory its RAM
/// @param disk a disk of zeros that it can read, or zero for none
/// @param balloon whether it has a balloon device
public record VmPlan(String name, MemorySize memory, MemorySize disk, boolean balloon) {

    public static VmPlan of(String name, MemorySize memory) {
        return new VmPlan(name, memory, MemorySize.ZERO, true);
    }

    /// With a disk that fills the guest's page cache when it is read.
    public VmPlan withDisk(MemorySize size) {
        return new VmPlan(name, memory, size, balloon);
    }

    public VmPlan withoutBalloon() {
        return new VmPlan(name, memory, disk, false);
    }
}
