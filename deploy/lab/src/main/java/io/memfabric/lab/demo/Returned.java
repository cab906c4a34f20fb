package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.MemorySize;

/// What came back to a lender's VM after a release, at one moment.
///
/// @param balloonAtGrant the memory that libvirt said the VM had while its memory was lent
/// @param balloonNow the same at this moment
/// @param regionsAtGrant the lender's memory in regions while they were lent
/// @param regionsNow the same at this moment
public record Returned(
        MemorySize balloonAtGrant,
        MemorySize balloonNow,
        MemorySize regionsAtGrant,
        MemorySize regionsNow) {

    /// The bytes that the VM has again and whose regions are gone.
    public MemorySize bytes() {
        return balloonNow.minusOrZero(balloonAtGrant).min(regionsAtGrant.minusOrZero(regionsNow));
    }

    /// The part of a grant that came back.
    public double shareOf(MemorySize granted) {
        return (double) bytes().min(granted).bytes() / granted.bytes();
    }
}
