package io.memfabric.agent.hypervisor;

/// Why a VM's memory is left alone.
public enum Exclusion {
    NOT_RUNNING("it does not run", false),
    PAUSED("it is paused", false),
    NOT_EXAMINED("its definition has not been read yet", true),
    NO_BALLOON("it has no virtio balloon", false),
    NO_STATISTICS("its balloon driver reports nothing: it boots, or has no driver", true),
    BOOTING("it started a moment ago", true),
    PASSTHROUGH("a passed-through device pins its memory", false),
    HUGE_PAGES("its memory is huge pages", true),
    LOCKED("its memory is locked", true),
    MIGRATING("a migration or another long job is under way", false);

    private final String reason;
    private final boolean permitsRelief;

    Exclusion(String reason, boolean permitsRelief) {
        this.reason = reason;
        this.permitsRelief = permitsRelief;
    }

    /// Whether memory may be given back to such a VM all the same.
    public boolean permitsRelief() {
        return permitsRelief;
    }

    /// The reason, for an operator, to follow "left alone because".
    public String reason() {
        return reason;
    }
}
