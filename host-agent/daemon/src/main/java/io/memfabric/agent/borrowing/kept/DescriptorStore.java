package io.memfabric.agent.borrowing.kept;

import java.util.OptionalInt;

/// Who keeps descriptors for the process after this one.
public interface DescriptorStore {

    /// The descriptor that an earlier process stored under this name. It is the caller's now, and
    /// stays stored.
    OptionalInt claim(String name);

    /// Has a descriptor kept, which stays the caller's.
    void store(String name, int descriptor);

    /// Has a name's descriptor let go of.
    void forget(String name);
}
