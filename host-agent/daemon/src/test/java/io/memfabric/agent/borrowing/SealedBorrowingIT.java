package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.borrowing.kept.DescriptorStore;
import io.memfabric.agent.borrowing.kept.MemfdKept;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way: export, sealing, TCP, lender.
class SealedBorrowingIT {

    private static final int PAGE = 4096;
    private static final long SEED = 20260711;
    private static final byte[] CANARY =
            "no lender ever sees this line".getBytes(StandardCharsets.US_ASCII);

    @TempDir Path runDir;

    private final Kept kept = new MemfdKept(new NoStore());

    private RemoteBorrowing borrowing() {
        return new RemoteBorrowing(
                runDir,
                Plaintext.legs(),
                ServiceLoader.load(DiskServer.Transport.class).findFirst().orElseThrow(),
                ServiceLoader.load(DiskListener.Source.class).findFirst().orElseThrow(),
                Optional.of(kept));
    }

    private static RawClient client(ExportedDisk disk) throws IOException {
        return RawClient.entered(UnixDomainSocketAddress.of(disk.socket()), disk.exportName());
    }

    /// Writes, reads and discards of random places and lengths, also across extents; every read is
    /// compared with a copy in plain memory.
    @Test
    void everyReadIsWhatWasWrittenLast() throws Exception {
        Random random = new Random(SEED);
        try (Lender lender = Lender.with(2);
                RemoteBorrowing borrowing = borrowing()) {
            ExportedDisk disk = borrowing.open(lender.plan(2));
            byte[] model = new byte[(int) disk.sizeBytes()];
            try (RawClient client = client(disk)) {
                for (int i = 0; i < 4_000; i++) {
                    int pages = 1 + random.nextInt(random.nextInt(8) == 0 ? 256 : 8);
                    int all = model.length / PAGE;
                    int place = random.nextInt(3) == 0 ? all / 2 - 32 : random.nextInt(all);
                    int first = Math.min(place + random.nextInt(64), all - pages);
                    int at = first * PAGE;
                    int length = pages * PAGE;
                    switch (random.nextInt(5)) {
                        case 0, 1 -> {
                            byte[] data = new byte[length];
                            random.nextBytes(data);
                            assertThat(client.write(at, data)).isZero();
                            System.arraycopy(data, 0, model, at, length);
                        }
                        case 2 -> {
                            int command =
                                    random.nextBoolean() ? Nbd.CMD_TRIM : Nbd.CMD_WRITE_ZEROES;
                            assertThat(client.command(command, at, length)).isZero();
                            Arrays.fill(model, at, at + length, (byte) 0);
                        }
                        default ->
                                assertThat(client.read(at, length).data())
                                        .as("seed %d, step %d", SEED, i)
                                        .isEqualTo(ByteBuffer.wrap(model, at, length));
                    }
                }
            }
        }
    }

    @Test
    void theLenderHoldsNoPlainText() throws Exception {
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = borrowing()) {
            AttachGrant plan = lender.plan(1);
            ExportedDisk disk = borrowing.open(plan);
            byte[] text = new byte[32 * PAGE];
            for (int at = 0; at + CANARY.length <= text.length; at += CANARY.length) {
                System.arraycopy(CANARY, 0, text, at, CANARY.length);
            }
            try (RawClient client = client(disk)) {
                for (int i = 0; i < 64; i++) {
                    assertThat(client.write((long) i * text.length, text)).isZero();
                }
                assertThat(client.read(0, text.length).data()).isEqualTo(ByteBuffer.wrap(text));
            }
            byte[] held = region(lender, plan);
            assertThat(new String(held, StandardCharsets.ISO_8859_1))
                    .doesNotContain("lender")
                    .doesNotContain("this line");
            assertThat(Arrays.copyOf(held, PAGE)).isNotEqualTo(new byte[PAGE]);
        }
    }

    /// The one before wrote in plain text, so that only what the fabric does stands between the two.
    @Test
    void case23AGuestThatReadsItsRawDeviceFindsNothingOfTheOneBefore() throws Exception {
        byte[] text = new byte[1 << 20];
        for (int at = 0; at + CANARY.length <= text.length; at += CANARY.length) {
            System.arraycopy(CANARY, 0, text, at, CANARY.length);
        }
        try (Lender lender = Lender.with(1)) {
            AttachGrant before = lender.plan(1);
            try (RemoteBorrowing plain =
                            RemoteBorrowing.openUnsealed(
                                    runDir, Plaintext.legs(), DiskClients.ANY);
                    RawClient client = client(plain.open(before))) {
                for (long at = 0; at < before.sizeBytes(); at += text.length) {
                    assertThat(client.write(at, text)).isZero();
                }
            }
            assertThat(region(lender, before)).contains(CANARY);
            lender.fence(Lender.GRANT, 1, 1, 1);
            lender.claim(Lender.GRANT, 2, 2, 1);
            AttachGrant after = Lender.plan(List.of(lender.leg(Lender.GRANT, 2, 2, 1)));
            assertThat(region(lender, after)).containsOnly(0);
            try (RemoteBorrowing sealed = borrowing();
                    RawClient client = client(sealed.open(after))) {
                for (long at = 0; at < after.sizeBytes(); at += text.length) {
                    assertThat(client.read(at, text.length).data())
                            .isEqualTo(ByteBuffer.wrap(new byte[text.length]));
                }
            }
        }
    }

    /// What the lender has in the first region.
    private static byte[] region(Lender lender, AttachGrant plan) throws IOException {
        byte[] held = new byte[(int) FabricLimits.REGION.bytes()];
        String export = plan.extents().getFirst().legs().getFirst().exportName();
        try (RawClient client = RawClient.entered(lender.lending.address(), export)) {
            int step = 1 << 20;
            for (int at = 0; at < held.length; at += step) {
                client.read(at, step).data().get(held, at, step);
            }
        }
        return held;
    }

    @Test
    void theNextProcessReadsWhatTheLastOneWrote() throws Exception {
        byte[] data = new byte[PAGE];
        new Random(SEED).nextBytes(data);
        try (Lender lender = Lender.with(1)) {
            AttachGrant plan = lender.plan(1);
            try (RemoteBorrowing borrowing = borrowing();
                    RawClient client = client(borrowing.open(plan))) {
                assertThat(client.write(PAGE, data)).isZero();
            }
            try (RemoteBorrowing borrowing = borrowing();
                    RawClient client = client(borrowing.resume(plan))) {
                assertThat(client.read(PAGE, PAGE).data()).isEqualTo(ByteBuffer.wrap(data));
                assertThat(client.read(0, PAGE).data()).isEqualTo(ByteBuffer.allocate(PAGE));
            }
        }
    }

    @Test
    void closingAGrantDestroysItsKey() throws Exception {
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = borrowing()) {
            AttachGrant plan = lender.plan(1);
            borrowing.open(plan);
            KeptMemory memory = kept.find("memfabric-" + plan.grantId()).orElseThrow();
            assertThat(memory.getLong(KeptLayout.KEY)).isNotZero();
            borrowing.close(plan.grantId());
            assertThat(kept.find("memfabric-" + plan.grantId())).isEmpty();
            assertThatThrownBy(() -> memory.getLong(KeptLayout.KEY))
                    .isInstanceOf(IllegalStateException.class);
            // With the key the pages are gone: the next device of this grant begins with zeros.
            try (RawClient client = client(borrowing.open(plan))) {
                assertThat(client.read(0, PAGE).data()).isEqualTo(ByteBuffer.allocate(PAGE));
            }
        }
    }

    @Test
    void refusesToResumeWhereTheKeyIsGone() throws Exception {
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing = borrowing()) {
            AttachGrant plan = lender.plan(1);
            assertThatThrownBy(() -> borrowing.resume(plan))
                    .isInstanceOfSatisfying(
                            BorrowingException.class,
                            e -> assertThat(e.code()).isEqualTo("metadata_missing"));
        }
    }

    @Test
    void refusesKeptStateThatIsUnusable() throws Exception {
        try (Lender lender = Lender.with(1)) {
            AttachGrant plan = lender.plan(1);
            kept.create("memfabric-" + plan.grantId(), 8192);
            try (RemoteBorrowing borrowing = borrowing()) {
                assertThatThrownBy(() -> borrowing.open(plan))
                        .isInstanceOfSatisfying(
                                BorrowingException.class,
                                e -> assertThat(e.code()).isEqualTo("metadata_unusable"));
                assertThat(borrowing.find(plan.grantId())).isEmpty();
            }
        }
    }

    private static final class NoStore implements DescriptorStore {
        @Override
        public OptionalInt claim(String name) {
            return OptionalInt.empty();
        }

        @Override
        public void store(String name, int descriptor) {}

        @Override
        public void forget(String name) {}
    }
}
