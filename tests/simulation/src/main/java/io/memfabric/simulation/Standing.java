package io.memfabric.simulation;

import java.util.Locale;

/// The rules that are compared.
enum Standing {
    MEMFABRIC,
    MOM,
    PROXMOX,
    SQUEEZED;

    Rule rule() {
        return switch (this) {
            case MEMFABRIC -> new ProductionRule();
            case MOM -> new MomRule();
            case PROXMOX -> new ProxmoxRule();
            case SQUEEZED -> new SqueezedRule();
        };
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
