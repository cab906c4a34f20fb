package io.memfabric.agent.rdma;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The RDMA devices of a host as the kernel shows them in `/sys/class/infiniband`, see
/// `Documentation/ABI/stable/sysfs-class-infiniband` of the kernel. Needs no library.
public final class RdmaDevices {

    /// Where the kernel shows them.
    public static final Path FOLDER = Path.of("/sys/class/infiniband");

    private RdmaDevices() {}

    /// A port of a device.
    ///
    /// @param state `ACTIVE` where it can be used
    /// @param linkLayer `Ethernet` or `InfiniBand`
    public record Port(String device, int number, String state, String linkLayer, List<Gid> gids) {

        /// The IPv4 address that connections can be made at, from a GID of RoCE.
        public Optional<InetAddress> address() {
            return gids.stream().flatMap(gid -> gid.ipv4().stream()).findFirst();
        }
    }

    /// An address of a port.
    ///
    /// @param type such as `RoCE v2`, or empty where the kernel does not say
    public record Gid(int index, String text, String type) {

        private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

        public Optional<InetAddress> ipv4() {
            byte[] bytes = HexFormat.of().parseHex(text.replace(":", ""));
            for (int i = 0; i < MAPPED.length; i++) {
                if (bytes[i] != MAPPED[i]) {
                    return Optional.empty();
                }
            }
            try {
                return Optional.of(
                        InetAddress.getByAddress(
                                new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]}));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("four bytes are an address", e);
            }
        }
    }

    /// Every port of every device.
    ///
    /// @param folder [#FOLDER]
    public static List<Port> ports(Path folder) throws IOException {
        List<Port> ports = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            for (Path device : sorted(folder)) {
                if (Files.isDirectory(device.resolve("ports"))) {
                    for (Path port : sorted(device.resolve("ports"))) {
                        ports.add(port(device, port));
                    }
                }
            }
        }
        return ports;
    }

    private static Port port(Path device, Path port) throws IOException {
        List<Gid> gids = new ArrayList<>();
        for (Path file : sorted(port.resolve("gids"))) {
            Optional<String> text = text(file);
            if (text.isPresent() && text.get().matches("([0-9a-f]{4}:){7}[0-9a-f]{4}")) {
                if (!text.get().matches("[0:]+")) {
                    String index = name(file);
                    Path type = port.resolve("gid_attrs/types").resolve(index);
                    gids.add(new Gid(Integer.parseInt(index), text.get(), text(type).orElse("")));
                }
            }
        }
        // "4: ACTIVE"
        String state = text(port.resolve("state")).orElse("unknown").replaceFirst("^\\d+: *", "");
        return new Port(
                name(device),
                Integer.parseInt(name(port)),
                state,
                text(port.resolve("link_layer")).orElse("unknown"),
                gids);
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    /// Entries that cannot be read are entries that are not there: unused GIDs fail to be read.
    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
