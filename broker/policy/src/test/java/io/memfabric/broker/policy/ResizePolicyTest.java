package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.ResizePolicy.Device;
import io.memfabric.broker.policy.ResizePolicy.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ResizePolicyTest {

    private static final long REGION = 64L << 20;

    private static List<Device> devices(int... regions) {
        List<Device> devices = new ArrayList<>();
        for (int count : regions) {
            devices.add(new Device(new UUID(0, devices.size()), count * REGION));
        }
        return devices;
    }

    private static UUID id(int index) {
        return new UUID(0, index);
    }

    @Test
    void growsByWhatIsMissing() {
        assertThat(ResizePolicy.plan(devices(4), 6 * REGION)).isEqualTo(new Plan.Add(2 * REGION));
        assertThat(ResizePolicy.plan(devices(4, 2), 7 * REGION)).isEqualTo(new Plan.Add(REGION));
    }

    @Test
    void isDoneAtTheWantedSize() {
        assertThat(ResizePolicy.plan(devices(4, 2), 6 * REGION)).isEqualTo(new Plan.Done());
    }

    @Test
    void shrinksByTheFewestAndNewestDevicesThatFit() {
        assertThat(ResizePolicy.plan(devices(4, 2, 1, 2), 7 * REGION))
                .isEqualTo(new Plan.Leave(List.of(id(3))));
        assertThat(ResizePolicy.plan(devices(4, 3, 1, 2), 7 * REGION))
                .isEqualTo(new Plan.Leave(List.of(id(1))));
        assertThat(ResizePolicy.plan(devices(4, 2, 1), 4 * REGION))
                .isEqualTo(new Plan.Leave(List.of(id(2), id(1))));
    }

    @Test
    void saysWhichSizesItCanShrinkTo() {
        assertThat(ResizePolicy.plan(devices(4, 3, 2), 8 * REGION))
                .isInstanceOfSatisfying(
                        Plan.Unreachable.class,
                        plan -> {
                            assertThat(plan.failure().code()).isEqualTo("size_not_reachable");
                            assertThat(plan.reachable())
                                    .containsExactly(4 * REGION, 6 * REGION, 7 * REGION);
                        });
        assertThat(ResizePolicy.plan(devices(4), 3 * REGION))
                .isInstanceOfSatisfying(
                        Plan.Unreachable.class, plan -> assertThat(plan.reachable()).isEmpty());
    }

    @Test
    void growsByNoMoreDevicesThanAVmHasSlotsFor() {
        assertThat(ResizePolicy.plan(devices(1, 1, 1, 1, 1, 1), 7 * REGION))
                .isInstanceOf(Plan.Unreachable.class);
    }

    @Test
    void endsAGrantWithItsFirstDeviceLast() {
        assertThat(ResizePolicy.plan(devices(4, 2, 1), 0))
                .isEqualTo(new Plan.Leave(List.of(id(2), id(1))));
        assertThat(ResizePolicy.plan(devices(4), 0)).isEqualTo(new Plan.Done());
    }

    /// Whoever carries plans out one step at a time, and is interrupted after any of them, comes to
    /// the wanted size without giving more up or taking more than it needs.
    @Test
    void comesToTheWantedSizeOneStepAtATime() {
        Random random = new Random(6);
        int reached = 0;
        for (int round = 0; round < 10_000; round++) {
            int[] sizes = random.ints(1 + random.nextInt(4), 1, 5).toArray();
            List<Device> devices = new ArrayList<>(devices(sizes));
            long wanted = (1 + random.nextInt(16)) * REGION;
            long before = devices.stream().mapToLong(Device::bytes).sum();
            for (int step = 0; ; step++) {
                assertThat(step).as("devices %s to %s", devices, wanted).isLessThan(6);
                Plan plan = ResizePolicy.plan(devices, wanted);
                if (plan instanceof Plan.Unreachable) {
                    assertThat(step).as("only at the beginning").isZero();
                    break;
                } else if (plan instanceof Plan.Done) {
                    reached++;
                    break;
                } else if (plan instanceof Plan.Add add) {
                    assertThat(wanted).isGreaterThan(before);
                    devices.add(new Device(new UUID(1, round), add.bytes()));
                } else if (plan instanceof Plan.Leave leave) {
                    assertThat(wanted).isLessThan(before);
                    assertThat(leave.devices()).doesNotContain(devices.getFirst().id());
                    devices.removeIf(device -> device.id().equals(leave.devices().getFirst()));
                }
                assertThat(devices.stream().mapToLong(Device::bytes).sum())
                        .isBetween(Math.min(before, wanted), Math.max(before, wanted));
            }
        }
        assertThat(reached).isGreaterThan(1_000);
    }

    @Test
    void showsWhatTheWholeGrantIs() {
        Optional<Long> none = Optional.empty();
        assertThat(ResizePolicy.shown(GrantState.ACTIVE, List.of(), none)).isEqualTo("ACTIVE");
        assertThat(
                        ResizePolicy.shown(
                                GrantState.ACTIVE, List.of(GrantState.RESERVED), Optional.of(1L)))
                .isEqualTo("RESIZING");
        assertThat(
                        ResizePolicy.shown(
                                GrantState.ACTIVE, List.of(GrantState.DEGRADED), Optional.of(1L)))
                .isEqualTo("DEGRADED");
        assertThat(ResizePolicy.shown(GrantState.ACTIVE, List.of(GrantState.RECALLING), none))
                .isEqualTo("RECALLING");
        assertThat(ResizePolicy.shown(GrantState.DEGRADED, List.of(GrantState.ACTIVE), none))
                .isEqualTo("DEGRADED");
        assertThat(
                        ResizePolicy.shown(
                                GrantState.ACTIVE, List.of(GrantState.DRAINING), Optional.of(0L)))
                .isEqualTo("DRAINING");
        assertThat(ResizePolicy.shown(GrantState.FENCED, List.of(), none)).isEqualTo("FENCED");
    }
}
