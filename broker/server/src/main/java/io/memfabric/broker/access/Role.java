package io.memfabric.broker.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a caller may do. Which role may call which operation is written in `openapi/broker.yaml`.
public enum Role {
    /// Sees what belongs to its tenant.
    TENANT_VIEWER,
    /// Sees and changes what belongs to its tenant.
    TENANT_OPERATOR,
    /// Sees and changes hosts, and what belongs to any tenant.
    FABRIC_OPERATOR,
    /// Sees everything, the audit trail included, and changes nothing.
    AUDITOR,
    /// May do everything.
    ADMIN;

    private static final Set<Role> FABRIC_WIDE = EnumSet.of(FABRIC_OPERATOR, AUDITOR, ADMIN);

    /// The role as it is written in tokens and in the contract.
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The role of a name such as `tenant-viewer`.
    public static Optional<Role> of(String wire) {
        return Arrays.stream(values()).filter(role -> role.wire().equals(wire)).findFirst();
    }

    /// Whether it reaches beyond one tenant.
    public boolean isFabricWide() {
        return FABRIC_WIDE.contains(this);
    }
}
