package io.memfabric.agent.settings;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns the file's words into settings, each checked on its own and then against the others.
final class SettingsReader {

    private static final MemorySize DEFAULT_FLOOR = MemorySize.ofMib(256);
    private static final MemorySize DEFAULT_HEADROOM = MemorySize.ofMib(128);
    private static final MemorySize DEFAULT_STEP = MemorySize.ofMib(128);
    private static final MemorySize SMALLEST = MemorySize.ofMib(1);
    private static final int RESERVE_SHARE = 16;

    private final Map<SettingsKey, String> values;
    private final MemorySize host;

    SettingsReader(Map<SettingsKey, String> values, MemorySize host) {
        this.values = values;
        this.host = host;
    }

    AgentSettings settings() throws SettingsException {
        String listen = required(SettingsKey.DATA_LISTEN);
        InetSocketAddress listenAddress = address(SettingsKey.DATA_LISTEN, listen);
        return new AgentSettings(
                hostName(),
                brokerUrls(),
                security(SettingsKey.BROKER_SECURITY),
                file(SettingsKey.BROKER_AUTHORITY_FILE),
                file(SettingsKey.JOIN_TOKEN_FILE),
                folder(SettingsKey.STATE_DIR, "/var/lib/memfabric-agent"),
                folder(SettingsKey.RUN_DIR, "/run/memfabric-agent"),
                listenAddress,
                advertise(listen, listenAddress),
                security(SettingsKey.DATA_SECURITY),
                libvirtUri(),
                size(
                        SettingsKey.RESERVE_BYTES,
                        MemorySize.ofBytes(host.bytes() / RESERVE_SHARE),
                        MemorySize.ZERO),
                size(SettingsKey.FLOOR_BYTES, DEFAULT_FLOOR, MemorySize.ZERO),
                size(SettingsKey.HEADROOM_BYTES, DEFAULT_HEADROOM, SMALLEST),
                size(SettingsKey.STEP_BYTES, DEFAULT_STEP, SMALLEST),
                sealing(),
                anyClient(),
                rdma(listenAddress),
                spill());
    }

    private RdmaSettings rdma(InetSocketAddress listen) throws SettingsException {
        String value = values.getOrDefault(SettingsKey.DATA_RDMA, "auto");
        RdmaSettings.Use use =
                switch (value) {
                    case "auto" -> RdmaSettings.Use.AUTO;
                    case "off" -> RdmaSettings.Use.OFF;
                    case "required" -> RdmaSettings.Use.REQUIRED;
                    default ->
                            throw new SettingsException("data.rdma must be auto, off or required");
                };
        return new RdmaSettings(use, rdmaListen(listen), rdmaLibrary());
    }

    private Optional<InetSocketAddress> rdmaListen(InetSocketAddress listen)
            throws SettingsException {
        String value = values.get(SettingsKey.DATA_RDMA_LISTEN);
        InetSocketAddress address;
        if (value != null) {
            address = address(SettingsKey.DATA_RDMA_LISTEN, value);
        } else if (listen.getAddress().isAnyLocalAddress() || listen.getPort() == 65_535) {
            return Optional.empty();
        } else {
            address = new InetSocketAddress(listen.getAddress(), listen.getPort() + 1);
        }
        if (!(address.getAddress() instanceof Inet4Address)
                || address.getAddress().isAnyLocalAddress()) {
            if (value == null) {
                return Optional.empty();
            }
            throw new SettingsException(
                    "data.rdma-listen must be one IPv4 address of an RDMA device");
        }
        return Optional.of(address);
    }

    private Optional<Path> rdmaLibrary() throws SettingsException {
        String value = values.get(SettingsKey.DATA_RDMA_LIBRARY);
        try {
            if (value == null) {
                return Optional.empty();
            }
            Path path = Path.of(value);
            if (path.isAbsolute()) {
                return Optional.of(path.normalize());
            }
        } catch (InvalidPathException e) {
            // Falls through.
        }
        throw new SettingsException("data.rdma-library must be an absolute path");
    }

    private String required(SettingsKey key) throws SettingsException {
        String value = values.get(key);
        if (value == null || value.isEmpty()) {
            throw new SettingsException(key.key() + " is missing");
        }
        return value;
    }

    private String hostName() throws SettingsException {
        String name = values.get(SettingsKey.HOST_NAME);
        if (name == null) {
            try {
                name = InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                throw new SettingsException("host.name is missing and the host has no name");
            }
        }
        if (!name.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")) {
            throw new SettingsException(
                    "host.name must be 1 to 253 letters, digits, dots and dashes");
        }
        return name;
    }

    private List<URI> brokerUrls() throws SettingsException {
        boolean tls = security(SettingsKey.BROKER_SECURITY);
        List<URI> urls = new ArrayList<>();
        for (String value : required(SettingsKey.BROKER_URL).split(",", -1)) {
            URI url = brokerUrl(value.strip());
            if (tls && !"https".equals(url.getScheme())) {
                throw new SettingsException(
                        "broker.url must be https, the agents' port of the broker; plain http needs"
                                + " broker.security=trusted-network");
            }
            urls.add(url);
        }
        return List.copyOf(urls);
    }

    private static URI brokerUrl(String value) throws SettingsException {
        try {
            URI uri = new URI(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getQuery() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Falls through to the one message for every way to be wrong.
        }
        throw new SettingsException("broker.url must be http://host:port or https://host:port");
    }

    private boolean security(SettingsKey key) throws SettingsException {
        String value = values.getOrDefault(key, "mutual-tls");
        return switch (value) {
            case "mutual-tls" -> true;
            case "trusted-network" -> false;
            default ->
                    throw new SettingsException(
                            key.key() + " must be mutual-tls or trusted-network");
        };
    }

    private boolean sealing() throws SettingsException {
        String value = values.getOrDefault(SettingsKey.SEALING, "on");
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new SettingsException("borrow.sealing must be on or off");
        };
    }

    private boolean anyClient() throws SettingsException {
        String value = values.getOrDefault(SettingsKey.CLIENTS, "qemu");
        return switch (value) {
            case "qemu" -> false;
            case "any" -> true;
            default -> throw new SettingsException("borrow.clients must be qemu or any");
        };
    }

    private String libvirtUri() throws SettingsException {
        String value = values.getOrDefault(SettingsKey.LIBVIRT_URI, "qemu:///system");
        if (!value.matches("[a-z+]+:/.*")) {
            throw new SettingsException("libvirt.uri must be a URI such as qemu:///system");
        }
        return value;
    }

    private Optional<Path> file(SettingsKey key) throws SettingsException {
        String value = values.get(key);
        try {
            return Optional.ofNullable(value).map(Path::of).map(Path::toAbsolutePath);
        } catch (InvalidPathException e) {
            throw new SettingsException(key.key() + " must be a path");
        }
    }

    private Path folder(SettingsKey key, String byDefault) throws SettingsException {
        String value = values.getOrDefault(key, byDefault);
        try {
            Path path = Path.of(value);
            if (path.isAbsolute()) {
                return path.normalize();
            }
        } catch (InvalidPathException e) {
            // Falls through.
        }
        throw new SettingsException(key.key() + " must be an absolute path");
    }

    private String advertise(String listen, InetSocketAddress listenAddress)
            throws SettingsException {
        String value = values.get(SettingsKey.DATA_ADVERTISE);
        if (value != null) {
            if (address(SettingsKey.DATA_ADVERTISE, value).getAddress().isAnyLocalAddress()) {
                throw new SettingsException("data.advertise must be one address, not every one");
            }
            return value;
        }
        if (listenAddress.getAddress().isAnyLocalAddress()) {
            throw new SettingsException(
                    "data.advertise is missing: data.listen is every address of the host");
        }
        return listen;
    }

    private static InetSocketAddress address(SettingsKey key, String value)
            throws SettingsException {
        int colon = value.lastIndexOf(':');
        String problem = key.key() + " must be address:port, such as 10.0.0.5:7450";
        if (colon < 1) {
            throw new SettingsException(problem);
        }
        try {
            int port = Integer.parseInt(value.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw new SettingsException(key.key() + " has a port outside 1 to 65535");
            }
            return new InetSocketAddress(InetAddress.getByName(value.substring(0, colon)), port);
        } catch (NumberFormatException | UnknownHostException e) {
            throw new SettingsException(problem);
        }
    }

    private MemorySize size(SettingsKey key, MemorySize byDefault, MemorySize smallest)
            throws SettingsException {
        @Nullable String value = values.get(key);
        MemorySize size = value == null ? byDefault : bytes(key, value);
        if (value != null && size.compareTo(host) >= 0) {
            throw new SettingsException(
                    key.key() + " is " + size + ", but the host has only " + host);
        }
        if (size.compareTo(smallest) < 0) {
            throw new SettingsException(key.key() + " must be at least " + smallest);
        }
        return size;
    }

    private static MemorySize bytes(SettingsKey key, String value) throws SettingsException {
        if (!value.matches("-?[0-9]{1,30}")) {
            throw new SettingsException(
                    key.key() + " must be a number of bytes, such as 134217728");
        }
        try {
            long bytes = Long.parseLong(value);
            if (bytes < 0) {
                throw new SettingsException(key.key() + " is negative");
            }
            return MemorySize.ofBytes(bytes);
        } catch (NumberFormatException e) {
            throw new SettingsException(key.key() + " is larger than any memory");
        }
    }

    /// What is written to the disk is what a lender would get: without sealing, pages in the clear.
    private Optional<SpillSettings> spill() throws SettingsException {
        String value = values.get(SettingsKey.SPILL_BYTES);
        if (values.containsKey(SettingsKey.SPILL_DIR) != (value != null)) {
            throw new SettingsException("spill.dir and spill.bytes need each other");
        }
        if (value == null) {
            return Optional.empty();
        }
        MemorySize size = bytes(SettingsKey.SPILL_BYTES, value);
        if (size.compareTo(FabricLimits.REGION) < 0 || size.compareTo(FabricLimits.GRANT_MAX) > 0) {
            throw new SettingsException(
                    "spill.bytes must be %s to %s"
                            .formatted(FabricLimits.REGION, FabricLimits.GRANT_MAX));
        }
        if (!sealing()) {
            throw new SettingsException("spill.dir needs borrow.sealing=on");
        }
        return Optional.of(new SpillSettings(folder(SettingsKey.SPILL_DIR, ""), size));
    }
}
