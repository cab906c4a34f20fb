package io.memfabric.benchmark;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.DiskClients;
import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// A borrowing host as it ships, in a process of its own. Arguments: the variant, the grant, its
/// folder, the key for TLS or `none`, then for each lender a line with its address and its regions' names. It prints the socket
/// and the export's name, and ends when its input does.
final class BorrowerProcess {

    static final long EPOCH = 1;

    /// The lender that TLS expects.
    static final String LENDER = "6d656d66-6162-4269-8ca0-000000000001";

    private BorrowerProcess() {}

    static void run(List<String> arguments) throws IOException, BorrowingException {
        Variant variant = Variant.valueOf(arguments.getFirst());
        List<ExtentPlan> extents = extents(arguments.subList(4, arguments.size()));
        AttachGrant plan =
                new AttachGrant(
                        UUID.randomUUID(),
                        UUID.fromString(arguments.get(1)),
                        EPOCH,
                        UUID.randomUUID(),
                        "bench",
                        AttachMode.DEVICE,
                        extents.size() * FabricLimits.REGION.bytes(),
                        extents,
                        UUID.randomUUID());
        Path folder = Path.of(arguments.get(2));
        TcpLegTransport legs = new TcpLegTransport(security(arguments.get(3)));
        try (RemoteBorrowing borrowing =
                variant.isSealed()
                        ? RemoteBorrowing.open(folder, legs)
                        : RemoteBorrowing.openUnsealed(folder, legs, DiskClients.ANY)) {
            ExportedDisk disk = borrowing.open(plan);
            System.out.println(disk.socket() + " " + disk.exportName());
            while (System.in.read() >= 0) {
                // The parent only ever closes it.
            }
        }
    }

    static DataSecurity security(String key) throws IOException {
        return key.equals("none")
                ? new DataSecurity.TrustedNetwork()
                : TlsKey.security(Path.of(key));
    }

    private static List<ExtentPlan> extents(List<String> lenders) {
        List<List<LegPlan>> legs = new ArrayList<>();
        for (String lender : lenders) {
            String[] words = lender.split(" ", -1);
            UUID lenderId = legs.isEmpty() ? UUID.fromString(LENDER) : UUID.randomUUID();
            for (int i = 1; i < words.length; i++) {
                if (legs.size() < i) {
                    legs.add(new ArrayList<>());
                }
                legs.get(i - 1).add(new LegPlan(lenderId, words[0], words[i]));
            }
        }
        List<ExtentPlan> extents = new ArrayList<>();
        for (List<LegPlan> each : legs) {
            extents.add(new ExtentPlan(extents.size(), each));
        }
        return extents;
    }
}
