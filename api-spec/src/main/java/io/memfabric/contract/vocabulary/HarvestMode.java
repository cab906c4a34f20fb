package io.memfabric.contract.vocabulary;

/// What a host's agent may do to the balloons of its VMs. Relief is never switched off.
public enum HarvestMode {
    /// Decide and record, touch nothing.
    OBSERVE,
    /// Take idle memory and give it back.
    HARVEST,
    /// Take nothing more; give back what the guests need.
    PAUSE
}
