package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.MemorySize;

/// What a harvest took from one VM, seen from three sides.
///
/// @param idle what the guest could have done without before, its own `MemAvailable`
/// @param balloonBefore the memory that libvirt said the VM had
/// @param balloonAfter the same after the harvest
/// @param residentBefore the host memory behind the guest's RAM
/// @param residentAfter the same after the harvest
public record Harvested(
        MemorySize idle,
        MemorySize balloonBefore,
        MemorySize balloonAfter,
        MemorySize residentBefore,
        MemorySize residentAfter) {

    /// What the host has gained for certain: the smaller of what libvirt says and what the host sees.
    public MemorySize bytes() {
        return balloonBefore
                .minusOrZero(balloonAfter)
                .min(residentBefore.minusOrZero(residentAfter));
    }

    /// The part of the idle memory that was harvested.
    public double shareOfIdle() {
        return (double) bytes().bytes() / idle.bytes();
    }
}
