package io.memfabric.agent.settings;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The keys of the settings file.
enum SettingsKey {
    HOST_NAME("host.name", "the name operators know the host by", "the host's own name"),
    BROKER_URL(
            "broker.url",
            "where the broker is, http://… or https://…; several on one ledger with commas",
            null),
    BROKER_SECURITY(
            "broker.security",
            "mutual-tls, or trusted-network: http, and whoever reads the network reads the token",
            "mutual-tls"),
    BROKER_AUTHORITY_FILE(
            "broker.authority-file",
            "the certificate of the fabric's authority, where the join token does not bring it",
            "none"),
    JOIN_TOKEN_FILE(
            "broker.join-token-file",
            "a file with the one-time join token; needed until the host has enrolled",
            "none"),
    STATE_DIR(
            "state.dir",
            "the folder of the host's identity and held grants",
            "/var/lib/memfabric-agent"),
    RUN_DIR("run.dir", "the folder of the devices' unix sockets", "/run/memfabric-agent"),
    DATA_LISTEN("data.listen", "where regions are served, address:port", null),
    DATA_ADVERTISE(
            "data.advertise", "where other hosts reach them, address:port", "as data.listen"),
    DATA_SECURITY(
            "data.security",
            "mutual-tls, or trusted-network: no TLS between hosts, on both sides",
            "mutual-tls"),
    DATA_RDMA(
            "data.rdma",
            "auto: RDMA where both hosts can; off; required: no TCP to lenders",
            "auto"),
    DATA_RDMA_LISTEN(
            "data.rdma-listen",
            "where regions are served over RDMA, the IPv4 address of an RDMA device:port",
            "the address of data.listen, the next port"),
    DATA_RDMA_LIBRARY(
            "data.rdma-library",
            "an installed libdisni to use instead of the agent's own native half",
            "none"),
    LIBVIRT_URI("libvirt.uri", "libvirt's connection URI", "qemu:///system"),
    RESERVE_BYTES(
            "host.reserve-bytes",
            "host memory that is never lent, for relief at once",
            "1/16 of the host's memory"),
    FLOOR_BYTES("harvest.floor-bytes", "the memory that a VM always keeps", "268435456 (256 MiB)"),
    HEADROOM_BYTES(
            "harvest.headroom-bytes",
            "the usable memory that a guest keeps beyond what it uses",
            "134217728 (128 MiB)"),
    STEP_BYTES(
            "harvest.step-bytes",
            "the most that is taken from a VM at once",
            "134217728 (128 MiB)"),
    SEALING(
            "borrow.sealing",
            "on, or off for measurements: lenders can then read and change every page",
            "on"),
    CLIENTS(
            "borrow.clients",
            "qemu: only a VM's own QEMU may open its disk; or any, for tests: whoever can open"
                    + " the socket",
            "qemu"),
    SPILL_DIR(
            "spill.dir",
            "a folder on a local disk for sealed pages that no other host has room for",
            "none"),
    SPILL_BYTES("spill.bytes", "how much of that disk they may take", "0");

    private static final int SUGGEST_WITHIN = 4;

    private final String key;
    private final String meaning;
    private final @Nullable String byDefault;

    SettingsKey(String key, String meaning, @Nullable String byDefault) {
        this.key = key;
        this.meaning = meaning;
        this.byDefault = byDefault;
    }

    String key() {
        return key;
    }

    /// A line of help.
    String help() {
        return "  %-24s %s (%s)"
                .formatted(key, meaning, byDefault == null ? "required" : "default: " + byDefault);
    }

    static Optional<SettingsKey> of(String key) {
        return Arrays.stream(values()).filter(known -> known.key.equals(key)).findFirst();
    }

    /// The known key that someone may have meant.
    static Optional<SettingsKey> nearest(String key) {
        return Arrays.stream(values())
                .min(Comparator.comparingInt(known -> distance(known.key, key)))
                .filter(known -> distance(known.key, key) <= SUGGEST_WITHIN);
    }

    /// Levenshtein's edit distance.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
