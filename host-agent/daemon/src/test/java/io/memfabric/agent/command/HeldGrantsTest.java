package io.memfabric.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.command.HeldGrant.Phase;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeldGrantsTest {

    private static final HeldGrant GRANT =
            new HeldGrant(
                    new UUID(0, 1), 3, new UUID(0, 2), "mf-1", AttachMode.SWAP, Phase.ATTACHING);

    private static final LenderWay WAY =
            new LenderWay(new UUID(0, 3), DataTransport.TCP, "no device");

    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("grants.json");
    }

    @Test
    void beginsWithNone() throws IOException {
        assertThat(HeldGrants.load(file()).all()).isEmpty();
    }

    @Test
    void remembersAcrossARestart() throws IOException {
        HeldGrants.load(file()).put(GRANT.attached());

        HeldGrants again = HeldGrants.load(file());
        assertThat(again.find(GRANT.grantId())).hasValue(GRANT.attached());
        assertThat(
                        again.reports(
                                _ -> List.of(), _ -> List.of(WAY), _ -> Optional.empty(), Set.of()))
                .containsExactly(
                        new GrantReport(
                                GRANT.grantId(), 3, GRANT.vmId(), List.of(), List.of(WAY), null));
        assertThat(again.borrows(GRANT.vmId())).isTrue();
    }

    @Test
    void describesTheDevicesThatTheBrokerAsksFor() throws IOException {
        AttachGrant plan =
                new AttachGrant(
                        new UUID(0, 9),
                        GRANT.grantId(),
                        3,
                        GRANT.vmId(),
                        "mf-1",
                        AttachMode.SWAP,
                        FabricLimits.REGION.bytes(),
                        List.of(
                                new ExtentPlan(
                                        0,
                                        List.of(
                                                new LegPlan(
                                                        new UUID(0, 3), "192.0.2.1:1", "one")))),
                        new UUID(0, 7));
        HeldGrants grants = HeldGrants.load(file());
        grants.put(HeldGrant.begun(plan));
        assertThat(described(grants, Set.of(GRANT.grantId()))).isNull();
        grants.put(HeldGrant.begun(plan).attached());
        assertThat(described(grants, Set.of())).isNull();
        assertThat(described(grants, Set.of(GRANT.grantId())))
                .isEqualTo(new DevicePlan("mf-1", AttachMode.SWAP, plan.extents()));
    }

    private static @Nullable DevicePlan described(HeldGrants grants, Set<UUID> wanted) {
        return grants.reports(_ -> List.of(), _ -> List.of(), _ -> Optional.empty(), wanted)
                .getFirst()
                .plan();
    }

    @Test
    void forgetsWhatWasRemoved() throws IOException {
        HeldGrants grants = HeldGrants.load(file());
        grants.put(GRANT);
        grants.remove(GRANT.grantId());

        assertThat(HeldGrants.load(file()).all()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[{\"grantId\":null}]", "[{\"surprise\":1}]", "[7]"})
    void doesNotGoOnWithoutWhatItCannotRead(String text) throws IOException {
        Files.writeString(file(), text);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> HeldGrants.load(file()))
                .withMessageContaining("grants.json");
    }

    @Test
    void doesNotHoldWhatItCouldNotWriteDown() throws IOException {
        HeldGrants grants = HeldGrants.load(file());
        Files.delete(folder);

        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> grants.put(GRANT));
        assertThat(grants.find(GRANT.grantId())).isEmpty();
        Files.createDirectory(folder);
    }
}
