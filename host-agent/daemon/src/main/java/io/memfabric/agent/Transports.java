package io.memfabric.agent;

import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LenderProbe;
import io.memfabric.agent.borrowing.LenderWays;
import io.memfabric.agent.borrowing.RoundTripWatch;
import io.memfabric.agent.borrowing.TransportChoice;
import io.memfabric.agent.borrowing.rdma.RdmaLegTransport;
import io.memfabric.agent.borrowing.rdma.RdmaLenderProbe;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.borrowing.tcp.TcpLenderProbe;
import io.memfabric.agent.lending.RegionLending;
import io.memfabric.agent.lending.rdma.RdmaRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.agent.rdma.VerbsLibrary;
import io.memfabric.agent.settings.RdmaSettings;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What this host can reach lenders over: TCP, and RDMA where it has a device and the settings want
/// it. Where it has none, nothing of RDMA is loaded.
final class Transports {

    private static final System.Logger LOG = System.getLogger(Transports.class.getName());

    /// There where the kernel can make RDMA connections.
    private static final Path CONNECTION_MANAGER = Path.of("/dev/infiniband/rdma_cm");

    private final DataSecurity security;
    private final RdmaSettings settings;
    private final Optional<Verbs> verbs;
    private final LenderWays ways = new LenderWays();

    private Transports(DataSecurity security, RdmaSettings settings, Optional<Verbs> verbs) {
        this.security = security;
        this.settings = settings;
        this.verbs = verbs;
    }

    /// Looks what there is.
    ///
    /// @throws IOException where RDMA is required and there is none
    static Transports find(DataSecurity security, RdmaSettings settings) throws IOException {
        return switch (settings.use()) {
            case OFF -> new Transports(security, settings, Optional.empty());
            case REQUIRED ->
                    new Transports(
                            security, settings, Optional.of(VerbsLibrary.open(settings.library())));
            case AUTO -> new Transports(security, settings, ifThereAreAny(settings));
        };
    }

    private static Optional<Verbs> ifThereAreAny(RdmaSettings settings) {
        try {
            VerbsLibrary.check(settings.library());
            if (!Files.exists(CONNECTION_MANAGER)) {
                return Optional.empty();
            }
            return Optional.of(VerbsLibrary.open(settings.library()));
        } catch (RdmaException e) {
            LOG.log(Level.WARNING, "lenders are reached over TCP: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    Leg.Transport legs() {
        return new TransportChoice(
                new TcpLegTransport(security),
                verbs.map(RdmaLegTransport::new),
                settings.use() == RdmaSettings.Use.REQUIRED,
                ways);
    }

    /// Over what the legs go.
    LenderWays ways() {
        return ways;
    }

    RoundTripWatch watch() {
        return new RoundTripWatch(
                new TcpLenderProbe(security), verbs.<LenderProbe>map(RdmaLenderProbe::new));
    }

    /// Serves the regions over RDMA as well, if this host can.
    ///
    /// @return where, `address:port`
    /// @throws IOException where RDMA is required and that cannot be done
    Optional<String> serve(RegionLending lending) throws IOException {
        if (verbs.isEmpty()) {
            if (settings.use() == RdmaSettings.Use.AUTO && !Files.exists(CONNECTION_MANAGER)) {
                // Not where it is found: guests wait for their pages then, and a first line takes
                // its time.
                LOG.log(Level.INFO, "no RDMA on this host, lenders are reached over TCP");
            }
            return Optional.empty();
        }
        boolean required = settings.use() == RdmaSettings.Use.REQUIRED;
        if (settings.listen().isEmpty()) {
            String problem =
                    "regions are not served over RDMA: data.rdma-listen names no address of a device";
            if (required) {
                throw new IOException(problem);
            }
            LOG.log(Level.WARNING, problem);
            return Optional.empty();
        }
        try {
            InetSocketAddress address =
                    lending.alsoServe(
                            settings.listen().get(),
                            new RdmaRegionServer.RdmaTransport(verbs.get()));
            return Optional.of(address.getAddress().getHostAddress() + ":" + address.getPort());
        } catch (IOException e) {
            if (required) {
                throw e;
            }
            LOG.log(Level.WARNING, "regions are not served over RDMA: {0}", e.getMessage());
            return Optional.empty();
        }
    }
}
