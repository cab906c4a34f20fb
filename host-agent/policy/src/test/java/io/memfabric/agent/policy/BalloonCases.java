package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Backing;
import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Terms;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// VMs and hosts for the balloon policies' tests.
final class BalloonCases {

    static final UUID VM = UUID.fromString("00000000-0000-0000-0000-000000000001");
    static final BalloonRules RULES =
            new BalloonRules(MemorySize.ofMib(96), MemorySize.ofMib(32), MemorySize.ofMib(128));
    static final Duration NOW = Duration.ofMinutes(10);

    private BalloonCases() {}

    static long mib(long mib) {
        return MemorySize.ofMib(mib).bytes();
    }

    /// A 512 MiB VM that can use 400 MiB more than it does.
    static Vm idle() {
        return new Vm(
                mib(512),
                mib(512),
                new Usable(mib(400), Duration.ofSeconds(1)),
                new Strain(0, 0, 0, Duration.ZERO),
                false,
                null,
                true,
                Terms.USUAL,
                Backing.USUAL);
    }

    record Vm(
            long balloon,
            long resident,
            @Nullable Usable usable,
            @Nullable Strain strain,
            boolean borrows,
            @Nullable String excluded,
            boolean relievable,
            Terms terms,
            Backing backing) {

        Vm balloon(long bytes) {
            return new Vm(
                    bytes, bytes, usable, strain, borrows, excluded, relievable, terms, backing);
        }

        Vm resident(long bytes) {
            return new Vm(
                    balloon, bytes, usable, strain, borrows, excluded, relievable, terms, backing);
        }

        Vm usable(long bytes, Duration age) {
            Usable said = new Usable(bytes, age);
            return new Vm(
                    balloon, resident, said, strain, borrows, excluded, relievable, terms, backing);
        }

        Vm withoutStatistics() {
            return new Vm(
                    balloon, resident, null, strain, borrows, excluded, relievable, terms, backing);
        }

        Vm withoutDaemon() {
            return new Vm(
                    balloon, resident, usable, null, borrows, excluded, relievable, terms, backing);
        }

        Vm pressure(long centipercent) {
            return strain(new Strain(centipercent, 0, 0, Duration.ZERO));
        }

        Vm refaulted(long pages) {
            return strain(new Strain(0, 0, pages, Duration.ZERO));
        }

        Vm stalled(long micros) {
            return strain(new Strain(0, micros, 0, Duration.ZERO));
        }

        private Vm strain(Strain said) {
            return new Vm(
                    balloon, resident, usable, said, borrows, excluded, relievable, terms, backing);
        }

        Vm borrowing() {
            return new Vm(
                    balloon, resident, usable, strain, true, excluded, relievable, terms, backing);
        }

        Vm excluded(String because, boolean reliefPossible) {
            return new Vm(
                    balloon,
                    resident,
                    usable,
                    strain,
                    borrows,
                    because,
                    reliefPossible,
                    terms,
                    backing);
        }

        Vm terms(long floor, boolean lends) {
            Terms wanted = new Terms(floor, 1, lends);
            return new Vm(
                    balloon,
                    resident,
                    usable,
                    strain,
                    borrows,
                    excluded,
                    relievable,
                    wanted,
                    backing);
        }

        Vm backing(boolean hugePages, long waitCentipercent) {
            Backing seen = new Backing(hugePages, waitCentipercent);
            return new Vm(
                    balloon, resident, usable, strain, borrows, excluded, relievable, terms, seen);
        }

        VmMemory memory() {
            return memory(VM);
        }

        VmMemory memory(UUID id) {
            return new VmMemory(
                    id,
                    mib(512),
                    balloon,
                    resident,
                    usable,
                    strain,
                    borrows,
                    excluded,
                    relievable,
                    terms,
                    backing);
        }

        /// This VM alone on a host with memory to spare.
        HostSnapshot alone() {
            return new HostSnapshot(mib(8192), 0, List.of(memory()));
        }
    }
}
