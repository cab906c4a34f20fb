package io.memfabric.agent.hypervisor;

/// The hypervisor did not do what it was asked to.
public final class HypervisorException extends Exception {

    private static final long serialVersionUID = 1;

    /// No connection; the next call tries again.
    public static final String LIBVIRT_DOWN = "libvirt_down";

    /// No answer within the deadline. What was asked may still happen.
    public static final String LIBVIRT_TIMEOUT = "libvirt_timeout";

    /// An earlier call about the same VM has not returned yet; this one was not made.
    public static final String VM_BUSY = "vm_busy";

    public static final String VM_NOT_FOUND = "vm_not_found";
    public static final String VM_NOT_RUNNING = "vm_not_running";
    public static final String ATTACH_FAILED = "attach_failed";
    public static final String ATTACH_UNCERTAIN = "attach_uncertain";
    public static final String DETACH_FAILED = "detach_failed";

    /// libvirt refused; the message is its own.
    public static final String LIBVIRT_REFUSED = "libvirt_refused";

    private final String code;

    public HypervisorException(String code, String message) {
        super(message);
        this.code = code;
    }

    public HypervisorException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
