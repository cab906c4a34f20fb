package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.VmReport;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The VMs of one host as it last said them, sorted by id. A large fabric has a million, and says
/// something new of a tenth of them every second: figures are overwritten where they are, so that
/// what lives long stays as it is and costs the garbage collector nothing.
final class HostVms {

    private static final int MAX = 0;
    private static final int BALLOON = 1;
    private static final int USABLE = 2;
    private static final int RESIDENT = 3;
    private static final int PRESSURE = 4;
    private static final int REFAULTS = 5;
    private static final int FIGURES = 6;

    /// No figure is ever negative.
    private static final long UNKNOWN = -1;

    /// Two longs a VM.
    private long[] ids = {};

    /// One behind the other: a million strings would be most of what the collector looks at.
    private String names = "";

    private int[] nameEnds = {};
    private VmReport.State[] states = {};
    private boolean[] daemons = {};
    private @Nullable String[] exclusions = {};
    private long[] figures = {};
    private long idHash;

    /// Counts the changes of what the ledger keeps of them: which they are, name, state, size and
    /// daemon.
    private int revision;

    private int written = -1;
    private Map<UUID, VmRow> elsewhere = Map.of();

    /// Takes in a report that names every VM.
    synchronized void hearAll(List<VmReport> reports) {
        VmReport[] sorted = reports.toArray(VmReport[]::new);
        Arrays.sort(sorted, Comparator.comparing(VmReport::vmId));
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i].vmId().equals(sorted[i - 1].vmId())) {
                throw duplicate(sorted[i].vmId());
            }
        }
        if (!areThese(sorted)) {
            begin(sorted);
        }
        boolean renames = false;
        for (int i = 0; i < sorted.length; i++) {
            renames |= !isNamed(i, sorted[i].name());
            set(i, sorted[i]);
        }
        if (renames) {
            name(Arrays.stream(sorted).map(VmReport::name).toArray(String[]::new));
        }
    }

    /// Takes in a report that names only VMs that changed.
    ///
    /// @return false where it names a VM that was not there, and nothing is taken in
    synchronized boolean hearChanged(List<VmReport> reports) {
        int[] places = new int[reports.size()];
        BitSet seen = new BitSet(states.length);
        for (int i = 0; i < places.length; i++) {
            UUID id = reports.get(i).vmId();
            places[i] = place(id);
            if (places[i] < 0) {
                return false;
            }
            if (seen.get(places[i])) {
                throw duplicate(id);
            }
            seen.set(places[i]);
        }
        boolean renames = false;
        for (int i = 0; i < places.length; i++) {
            renames |= !isNamed(places[i], reports.get(i).name());
            set(places[i], reports.get(i));
        }
        if (renames) {
            String[] all = new String[nameEnds.length];
            Arrays.setAll(all, this::name);
            for (int i = 0; i < places.length; i++) {
                all[places[i]] = reports.get(i).name();
            }
            name(all);
        }
        return true;
    }

    private static Problem duplicate(UUID id) {
        return new Problem(ProblemCode.DUPLICATE_VM, "VM " + id + " is in the report twice.");
    }

    private boolean areThese(VmReport[] sorted) {
        if (sorted.length != states.length) {
            return false;
        }
        for (int i = 0; i < sorted.length; i++) {
            if (compare(i, sorted[i].vmId()) != 0) {
                return false;
            }
        }
        return true;
    }

    private void begin(VmReport[] sorted) {
        int count = sorted.length;
        ids = new long[2 * count];
        names = "";
        nameEnds = new int[count];
        states = new VmReport.State[count];
        daemons = new boolean[count];
        exclusions = new @Nullable String[count];
        figures = new long[FIGURES * count];
        idHash = 0;
        revision++;
        for (int i = 0; i < count; i++) {
            UUID id = sorted[i].vmId();
            ids[2 * i] = id.getMostSignificantBits();
            ids[2 * i + 1] = id.getLeastSignificantBits();
            idHash += (ids[2 * i] * 0x9E3779B97F4A7C15L ^ ids[2 * i + 1]) * 0xC2B2AE3D27D4EB4FL;
        }
    }

    private int nameStart(int i) {
        return i == 0 ? 0 : nameEnds[i - 1];
    }

    private String name(int i) {
        return names.substring(nameStart(i), nameEnds[i]);
    }

    private boolean isNamed(int i, String name) {
        return nameEnds[i] - nameStart(i) == name.length() && names.startsWith(name, nameStart(i));
    }

    private void name(String[] all) {
        StringBuilder joined = new StringBuilder();
        for (int i = 0; i < all.length; i++) {
            nameEnds[i] = joined.append(all[i]).length();
        }
        names = joined.toString();
        revision++;
    }

    private void set(int i, VmReport vm) {
        int at = FIGURES * i;
        if (vm.state() != states[i]
                || vm.guestDaemon() != daemons[i]
                || vm.maxBytes() != figures[at + MAX]) {
            states[i] = vm.state();
            daemons[i] = vm.guestDaemon();
            figures[at + MAX] = vm.maxBytes();
            revision++;
        }
        String exclusion = vm.excludedBecause();
        if (exclusion == null || !exclusion.equals(exclusions[i])) {
            exclusions[i] = exclusion;
        }
        VmReport.Strain strain = vm.strain();
        figures[at + BALLOON] = vm.balloonBytes();
        figures[at + USABLE] = orUnknown(vm.usableBytes());
        figures[at + RESIDENT] = vm.residentBytes();
        figures[at + PRESSURE] =
                strain == null ? UNKNOWN : orUnknown(strain.pressureCentipercent());
        figures[at + REFAULTS] = strain == null ? UNKNOWN : strain.refaultPages();
    }

    private static long orUnknown(@Nullable Long figure) {
        return figure == null ? UNKNOWN : figure;
    }

    private static @Nullable Long orNull(long figure) {
        return figure == UNKNOWN ? null : (Long) figure;
    }

    private VmReport get(int i) {
        int at = FIGURES * i;
        return new VmReport(
                id(i),
                name(i),
                states[i],
                figures[at + MAX],
                figures[at + BALLOON],
                orNull(figures[at + USABLE]),
                figures[at + RESIDENT],
                daemons[i],
                exclusions[i],
                figures[at + REFAULTS] == UNKNOWN
                        ? null
                        : new VmReport.Strain(
                                orNull(figures[at + PRESSURE]), figures[at + REFAULTS]));
    }

    private UUID id(int i) {
        return new UUID(ids[2 * i], ids[2 * i + 1]);
    }

    /// As [UUID#compareTo] does.
    private int compare(int i, UUID id) {
        int order = Long.compare(ids[2 * i], id.getMostSignificantBits());
        return order != 0 ? order : Long.compare(ids[2 * i + 1], id.getLeastSignificantBits());
    }

    private int place(UUID id) {
        int low = 0;
        int high = states.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(middle, id);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    synchronized Optional<VmReport> of(UUID id) {
        int place = place(id);
        return place < 0 ? Optional.empty() : Optional.of(get(place));
    }

    synchronized Set<UUID> ids() {
        Set<UUID> all = HashSet.newHashSet(states.length);
        for (int i = 0; i < states.length; i++) {
            all.add(id(i));
        }
        return all;
    }

    synchronized void forEach(Predicate<UUID> which, Consumer<VmReport> what) {
        for (int i = 0; i < states.length; i++) {
            if (which.test(id(i))) {
                what.accept(get(i));
            }
        }
    }

    /// What the balloons of VMs hold that are not off: one that is off has no memory to lend.
    synchronized Map<UUID, Long> harvested() {
        Map<UUID, Long> byVm = new HashMap<>();
        for (int i = 0; i < states.length; i++) {
            long held = figures[FIGURES * i + MAX] - figures[FIGURES * i + BALLOON];
            if (held > 0 && states[i] != VmReport.State.OFF) {
                byVm.put(id(i), held);
            }
        }
        return byVm;
    }

    /// The tag of what a host with these VMs has to know of their policies. It changes with any
    /// policy of the fabric and with which VMs there are.
    synchronized String policiesTag(long policyRevision) {
        return policyRevision + "." + states.length + "." + Long.toHexString(idHash);
    }

    /// What the ledger is to keep of them.
    ///
    /// @param revision tells this from what is to be kept later
    record ToWrite(int revision, List<VmRow> rows) {}

    synchronized ToWrite toWrite(UUID hostId) {
        VmRow[] rows = new VmRow[states.length];
        for (int i = 0; i < rows.length; i++) {
            rows[i] =
                    new VmRow(
                            id(i),
                            hostId,
                            name(i),
                            states[i],
                            figures[FIGURES * i + MAX],
                            daemons[i]);
        }
        return new ToWrite(revision, List.of(rows));
    }

    /// Notes that the ledger has them so.
    ///
    /// @param others rows of VMs that this host knows and that belong to another one
    synchronized void written(ToWrite what, Map<UUID, VmRow> others) {
        written = what.revision();
        elsewhere = Map.copyOf(others);
    }

    synchronized boolean isWritten() {
        return written == revision;
    }

    /// The rows of VMs that this host knows too, as they were when this one's were written.
    synchronized Map<UUID, VmRow> elsewhere() {
        return elsewhere;
    }
}
