package io.memfabric.agent.command;

/// The stable codes of refusals that arise here; the others come from where they arise.
final class Codes {

    static final String VM_NOT_FOUND = "vm_not_found";
    static final String VM_NOT_RUNNING = "vm_not_running";

    /// The guest answered, and not with yes.
    static final String GUEST_REFUSED = "guest_refused";

    /// The guest's daemon cannot be reached or does not answer.
    static final String GUEST_SILENT = "guest_silent";

    /// The guest confirmed that it swaps no more, and goes on writing.
    static final String GUEST_STILL_WRITES = "guest_still_writes";

    static final String ATTACH_FAILED = "attach_failed";

    /// The command belongs to an epoch that is over.
    static final String STALE_EPOCH = "stale_epoch";

    /// The grant is attached here under another epoch or to another VM.
    static final String ALREADY_ATTACHED = "already_attached";

    /// The device is in the VM, but this agent did not build it: its legs ended with an earlier one.
    static final String DATA_PATH_LOST = "data_path_lost";

    /// The grant is not known here, and the VM has a device that nobody accounts for.
    static final String GRANT_UNKNOWN = "grant_unknown";

    /// No VM here has this grant, or nobody knows how its device is built.
    static final String GRANT_NOT_HELD = "grant_not_held";

    /// The device has its new legs, but the next agent would not know.
    static final String PLAN_NOT_WRITTEN = "plan_not_written";

    static final String TOO_MANY_GRANTS = "too_many_grants";
    static final String INTERNAL_ERROR = "internal_error";

    private Codes() {}
}
