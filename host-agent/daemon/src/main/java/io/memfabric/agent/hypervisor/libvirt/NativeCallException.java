package io.memfabric.agent.hypervisor.libvirt;

import org.jspecify.annotations.Nullable;

/// A call of [LibvirtNative] failed.
final class NativeCallException extends Exception {

    private static final long serialVersionUID = 1;

    private final int number;

    private NativeCallException(int number, String message) {
        super(message);
        this.number = number;
    }

    /// libvirt keeps the last error per thread: to be called by the thread that made the call.
    static NativeCallException last(String call) {
        @Nullable String message = LibvirtNative.LIBRARY.virGetLastErrorMessage();
        return new NativeCallException(
                LibvirtNative.LIBRARY.virGetLastErrorCode(),
                call + ": " + (message == null ? "unknown error" : message));
    }

    /// The `virErrorNumber`.
    int number() {
        return number;
    }
}
