package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabVm;
import io.memfabric.lab.VmPlan;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What a VM that lends gives, what it feels of that, and how soon it has its memory back when it
/// wakes up. Twins that lend nothing run the same workload in turn with it, so that what else this
/// machine does cancels out; what one twin seems to lose beside the other is the noise of the method.
/// A run's cost is the processor time that its VM took and the time that its guest waited for memory
/// and disks: an emulated VM that has to wait for a processor is no slower for that.
final class HarvestBench {

    private static final MemorySize MEMORY = MemorySize.ofMib(512);
    private static final MemorySize DISK = MemorySize.ofMib(400);
    private static final MemorySize FIRST = MemorySize.ofMib(128);
    private static final MemorySize WAKE_UP = MemorySize.ofMib(384);

    private static final double GOAL_SHARE = 0.85;
    private static final double GOAL_SLOWDOWN = 0.03;
    private static final double GOAL_DAEMON_SHARE = 0.001;
    private static final double GOAL_FIRST_SECONDS = 1;
    private static final double GOAL_ALL_SECONDS = 3;

    private static final int ROUNDS = 9;
    private static final int WAKE_UPS = 3;

    /// What the VM does of its own while it idles: little memory, over and over.
    private static final String OWN_WORK = "workload stamp --mib 8 --rounds 20";

    private static final Duration RUN_LIMIT = Duration.ofMinutes(2);
    private static final Duration HARVEST_TIME = Duration.ofSeconds(60);
    private static final double RUN_SECONDS = 1.5;

    private final Lab lab;
    private final Fabric fabric;
    private final Console console;
    private final Report report;

    HarvestBench(Lab lab, Console console, Report report) {
        this.lab = lab;
        this.fabric = new Fabric(lab.broker().client());
        this.console = console;
        this.report = report;
    }

    static List<VmPlan> vms() {
        return List.of(
                VmPlan.of(MainJob.LENDER, "idle", MEMORY).withDisk(DISK),
                VmPlan.of(MainJob.BORROWER, "twin", MEMORY).withDisk(DISK),
                VmPlan.of(MainJob.BORROWER, "other", MEMORY).withDisk(DISK));
    }

    private LabVm idle() {
        return lab.host(MainJob.LENDER).vm("idle");
    }

    private LabVm twin() {
        return lab.host(MainJob.BORROWER).vm("twin");
    }

    private LabVm other() {
        return lab.host(MainJob.BORROWER).vm("other");
    }

    void run() {
        lab.hosts().forEach(fabric::awaitHost);
        for (LabVm vm : List.of(idle(), twin(), other())) {
            vm.ask("sleep 1000000 < /dev/vda > /dev/null 2>&1 & cat /dev/vda > /dev/null");
            fabric.awaitVm(vm.id());
        }
        console.step(2, "The VM's own workload before anything is taken");
        int runs = runs();
        Costs before = costs(runs);
        console.step(3, "Harvest");
        harvest();
        console.step(4, "The VM's own workload while its memory is away");
        Costs after = costs(runs);
        report.add(
                Figure.medianAtMost(
                        "vm.lender_slowdown",
                        slowdowns(before.idle, after.idle),
                        "ratio",
                        GOAL_SLOWDOWN));
        report.add(
                Figure.medianOf("vm.twin_slowdown", slowdowns(before.other, after.other), "ratio"));
        console.step(5, "Wake-ups");
        wakeUps();
    }

    /// How many runs of the workload take long enough to be timed.
    private int runs() {
        int runs = 5;
        double seconds = seconds(idle(), runs);
        return Math.max(1, (int) (runs * RUN_SECONDS / seconds));
    }

    /// How much more than the twin's the runs of the two other VMs cost, round by round.
    private static final class Costs {
        private final double[] idle = new double[ROUNDS];
        private final double[] other = new double[ROUNDS];
    }

    private Costs costs(int runs) {
        Costs costs = new Costs();
        List<LabVm> vms = List.of(idle(), twin(), other());
        for (int round = 0; round < ROUNDS; round++) {
            double[] cost = new double[vms.size()];
            for (int i = 0; i < cost.length; i++) {
                int next = (round + i) % cost.length;
                cost[next] = cost(vms.get(next), runs);
            }
            costs.idle[round] = cost[0] / cost[1];
            costs.other[round] = cost[2] / cost[1];
        }
        console.say(
                "its runs cost %.3f of its twin's, another twin's %.3f"
                        .formatted(Figure.median(costs.idle), Figure.median(costs.other)));
        return costs;
    }

    private static double[] slowdowns(double[] before, double[] after) {
        double usual = Figure.median(before);
        return Arrays.stream(after).map(cost -> cost / usual - 1).toArray();
    }

    private static double cost(LabVm vm, int runs) {
        Duration waited = vm.waited();
        Duration worked = vm.processorTime();
        double _ = seconds(vm, runs);
        worked = vm.processorTime().minus(worked);
        return worked.plus(vm.waited()).minus(waited).toNanos() / 1e9;
    }

    private static double seconds(LabVm vm, int runs) {
        long start = System.nanoTime();
        PageCount pages =
                PageCount.of(
                        vm.run(
                                "( for i in $(seq %d); do %s || exit 1; done )"
                                        .formatted(runs, OWN_WORK),
                                RUN_LIMIT));
        if (!pages.everyPageRight()) {
            throw new LabException("the workload of " + vm.name() + " failed");
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void harvest() {
        MemorySize idleBytes = idle().meminfo("MemAvailable");
        MemorySize balloon = idle().balloon();
        MemorySize resident = idle().resident();
        Duration daemon = idle().balloonDaemonProcessorTime();
        long end = System.nanoTime() + HARVEST_TIME.toNanos();
        fabric.setMode(MainJob.LENDER, HarvestMode.HARVEST);
        while (System.nanoTime() < end) {
            Await.pause(Duration.ofMillis(250));
        }
        report.add(daemonShare(idle().balloonDaemonProcessorTime().minus(daemon)));
        report.add(
                Figure.atMost(
                        "vm.guest_balloon_resident_bytes",
                        idle().balloonDaemonResident().bytes(),
                        "bytes",
                        MemorySize.ofMib(1).bytes()));
        Harvested harvested =
                new Harvested(idleBytes, balloon, idle().balloon(), resident, idle().resident());
        console.say(
                "balloon %s → %s, host memory behind it %s → %s; %s were idle"
                        .formatted(
                                Sizes.mib(balloon),
                                Sizes.mib(harvested.balloonAfter()),
                                Sizes.mib(resident),
                                Sizes.mib(harvested.residentAfter()),
                                Sizes.mib(idleBytes)));
        report.add(
                Figure.atLeast(
                        "vm.harvested_share_60s", harvested.shareOfIdle(), "ratio", GOAL_SHARE));
    }

    /// An emulated processor takes ten times as long over the same instructions: there the share is
    /// told without a goal.
    private Figure daemonShare(Duration worked) {
        String name = "vm.guest_balloon_core_share";
        double share = worked.toNanos() / (double) HARVEST_TIME.toNanos();
        return lab.emulated()
                ? Figure.medianOf(name, new double[] {share}, "ratio")
                : Figure.atMost(name, share, "ratio", GOAL_DAEMON_SHARE);
    }

    private void wakeUps() {
        double[] first = new double[WAKE_UPS];
        double[] all = new double[WAKE_UPS];
        for (int i = 0; i < WAKE_UPS; i++) {
            MemorySize expected = MEMORY.minusOrZero(WAKE_UP);
            if (i > 0) {
                new Settling(idle()::balloon, line -> {}).awaitRest(MEMORY, expected);
            }
            MemorySize taken = idle().balloon();
            wakeUp(taken, i, first, all);
            console.say(
                    "%s → %s: the first %s after %.2f s, all after %.2f s"
                            .formatted(
                                    Sizes.mib(taken),
                                    Sizes.mib(MEMORY),
                                    Sizes.mib(FIRST),
                                    first[i],
                                    all[i]));
        }
        report.add(Figure.medianAtMost("vm.relief_first_128mib_s", first, "s", GOAL_FIRST_SECONDS));
        report.add(Figure.medianAtMost("vm.relief_all_s", all, "s", GOAL_ALL_SECONDS));
    }

    private void wakeUp(MemorySize taken, int round, double[] first, double[] all) {
        long start = System.nanoTime();
        CompletableFuture<PageCount> own =
                CompletableFuture.supplyAsync(
                        () -> PageCount.of(idle().run("workload stamp --mib 384", RUN_LIMIT)),
                        Thread::startVirtualThread);
        first[round] = awaitBalloon(taken.plus(FIRST), start);
        all[round] = awaitBalloon(MEMORY, start);
        if (!own.join().everyPageRight()) {
            throw new LabException("the VM could not use its memory");
        }
    }

    private double awaitBalloon(MemorySize size, long start) {
        Await.that(
                "the balloon to give " + Sizes.mib(size),
                RUN_LIMIT,
                () -> idle().balloon().compareTo(size) >= 0);
        return (System.nanoTime() - start) / 1e9;
    }
}
