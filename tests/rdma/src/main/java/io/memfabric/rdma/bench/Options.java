package io.memfabric.rdma.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What the command line of the benchmark says.
///
/// @param vms whether to measure in VMs although there is a device
/// @param serve whether to be the side that is read
/// @param device the name of a device, such as `mlx5_0`
/// @param peer the address of a host that serves
record Options(
        Path root, boolean vms, boolean serve, Optional<String> device, Optional<String> peer) {

    static final String USAGE =
            """
            usage: memfabric bench rdma [--device NAME] [--peer ADDRESS | --serve] | --vms
              --device NAME   this host's RDMA device (the first that can be used, if it has one)
              --peer ADDRESS  read from the host that says `bench rdma --serve`, at that address
              --serve         be read, until it is interrupted
              --vms           measure in two VMs with soft-RoCE, as where there is no device
            Without --peer a device reads from itself.""";

    /// @throws IllegalArgumentException where it says something else
    static Options parse(List<String> words) {
        Path root = null;
        boolean vms = false;
        boolean serve = false;
        Optional<String> device = Optional.empty();
        Optional<String> peer = Optional.empty();
        for (int i = 0; i < words.size(); i++) {
            switch (words.get(i)) {
                case "--vms" -> vms = true;
                case "--serve" -> serve = true;
                case "--root" -> root = Path.of(next(words, ++i));
                case "--device" -> device = Optional.of(next(words, ++i));
                case "--peer" -> peer = Optional.of(next(words, ++i));
                default -> throw new IllegalArgumentException("unknown option " + words.get(i));
            }
        }
        if (root == null) {
            throw new IllegalArgumentException("--root is missing");
        }
        if (vms && (serve || device.isPresent() || peer.isPresent())) {
            throw new IllegalArgumentException("--vms goes with no other option");
        }
        if (serve && peer.isPresent()) {
            throw new IllegalArgumentException("--serve and --peer are for the two hosts");
        }
        return new Options(root, vms, serve, device, peer);
    }

    private static String next(List<String> words, int at) {
        if (at == words.size()) {
            throw new IllegalArgumentException(words.get(at - 1) + " needs a word");
        }
        return words.get(at);
    }
}
