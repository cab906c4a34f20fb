package io.memfabric.agent.settings;

import io.memfabric.contract.vocabulary.MemorySize;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The settings of one agent, all of them checked.
///
/// @param dataListen where regions are served
/// @param dataAdvertise where other hosts reach them, `address:port`
/// @param mutualTls whether TLS with certificates on both sides is between hosts
/// @param reserve host memory that is never lent
/// @param floor the memory that a VM always keeps
/// @param headroom the usable memory that a guest keeps beyond what it uses
/// @param step the most that is taken from a VM at once
/// @param sealing whether pages are sealed before they leave the host
/// @param brokerTls whether the broker is known by its certificate; if not, the network is trusted
/// @param brokerAuthorityFile the authority's certificate, where an operator brought it
/// @param anyClient whether others than a VM's own QEMU may open its disk
/// @param spill empty where nothing is kept on this host's disk
public record AgentSettings(
        String hostName,
        List<URI> brokers,
        boolean brokerTls,
        Optional<Path> brokerAuthorityFile,
        Optional<Path> joinTokenFile,
        Path stateDir,
        Path runDir,
        InetSocketAddress dataListen,
        String dataAdvertise,
        boolean mutualTls,
        String libvirtUri,
        MemorySize reserve,
        MemorySize floor,
        MemorySize headroom,
        MemorySize step,
        boolean sealing,
        boolean anyClient,
        RdmaSettings rdma,
        Optional<SpillSettings> spill) {

    /// Reads and checks a settings file.
    ///
    /// @param host the host's memory: sizes beyond it are impossible
    /// @throws SettingsException with one line that names the key
    public static AgentSettings load(Path file, MemorySize host) throws SettingsException {
        return new SettingsReader(SettingsFile.read(file), host).settings();
    }

    /// The keys and what they mean, a line each.
    public static String help() {
        StringBuilder help = new StringBuilder();
        for (SettingsKey key : SettingsKey.values()) {
            help.append(key.help()).append('\n');
        }
        return help.toString();
    }
}
