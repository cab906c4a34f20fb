package io.memfabric.agent.hypervisor;

/// Why a VM's memory is left alone.
public enum Exclusion {
    NOT_RUNNING("it does not run"),
    PAUSED("it is paused"),
    NOT_EXAMINED("its definition has not been read yet"),
    NO_BALLOON("it has no virtio balloon"),
    NO_STATISTICS("its balloon driver reports nothing: it boots, or has no driver"),
    BOOTING("it started a moment ago"),
    PASSTHROUGH("a passed-through device pins its memory"),
    HUGE_PAGES("its memory is huge pages"),
    LOCKED("its memory is locked"),
    MIGRATING("a migration or another long job is under way");

    private final String reason;

    Exclusion(String reason) {
        this.reason = reason;
    }

    /// The reason, for an operator, to follow "left alone because".
    public String reason() {
        return reason;
    }
}
