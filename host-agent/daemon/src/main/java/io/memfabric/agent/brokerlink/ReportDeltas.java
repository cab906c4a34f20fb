package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.VmReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Makes reports small: once the broker has heard of every VM, only those are named that changed. A
/// figure that moved by less than a hundredth of the VM's memory waits for the next report that
/// names all, every half minute. After any failure the next report names all.
final class ReportDeltas {

    private static final int WHOLE_EVERY = 30;
    private static final int FRACTION = 100;
    private static final long ONE_PERCENT = 100;

    /// A mebibyte's worth of pages.
    private static final long REFAULTS = 256;

    private final Map<UUID, VmReport> told = new HashMap<>();
    private @Nullable HostReport heard;
    private List<VmReport> telling = List.of();
    private int sinceWhole;

    /// What is sent in place of a report that names every VM.
    HostReport next(HostReport whole) {
        HostReport base = heard;
        if (base == null
                || sinceWhole + 1 >= WHOLE_EVERY
                || !base.bootId().equals(whole.bootId())
                || !sameVms(whole.vms())) {
            sinceWhole = 0;
            telling = whole.vms();
            return whole;
        }
        sinceWhole++;
        telling = changed(whole.vms());
        return whole.with(telling, base.sequence());
    }

    /// The broker has answered what was sent last.
    void heard(HostReport sent) {
        if (sent.since() == null) {
            told.clear();
        }
        telling.forEach(vm -> told.put(vm.vmId(), vm));
        heard = sent;
    }

    /// Nobody knows what the broker heard, until it answers.
    void forget() {
        heard = null;
    }

    private boolean sameVms(List<VmReport> vms) {
        return vms.size() == told.size()
                && vms.stream().allMatch(vm -> told.containsKey(vm.vmId()));
    }

    private List<VmReport> changed(List<VmReport> vms) {
        List<VmReport> changed = new ArrayList<>();
        for (VmReport vm : vms) {
            VmReport before = told.get(vm.vmId());
            if (before == null || differs(before, vm)) {
                changed.add(vm);
            }
        }
        return changed;
    }

    private static boolean differs(VmReport before, VmReport now) {
        long step = now.maxBytes() / FRACTION;
        return !before.name().equals(now.name())
                || before.state() != now.state()
                || before.maxBytes() != now.maxBytes()
                || before.balloonBytes() != now.balloonBytes()
                || before.guestDaemon() != now.guestDaemon()
                || !Objects.equals(before.excludedBecause(), now.excludedBecause())
                || moved(before.residentBytes(), now.residentBytes(), step)
                || moved(before.usableBytes(), now.usableBytes(), step)
                || strained(before.strain(), now.strain());
    }

    private static boolean strained(
            VmReport.@Nullable Strain before, VmReport.@Nullable Strain now) {
        if (before == null || now == null) {
            return !Objects.equals(before, now);
        }
        return moved(before.pressureCentipercent(), now.pressureCentipercent(), ONE_PERCENT)
                || moved(before.refaultPages(), now.refaultPages(), REFAULTS);
    }

    private static boolean moved(@Nullable Long before, @Nullable Long now, long step) {
        if (before == null || now == null) {
            return !Objects.equals(before, now);
        }
        return Math.abs(before - now) > step;
    }
}
