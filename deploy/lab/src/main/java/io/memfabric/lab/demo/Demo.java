package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/// The main job with progress lines, checks and figures.
final class Demo {

    private static final MemorySize GUEST_DAEMON_MAX = MemorySize.ofMib(1);
    private static final MemorySize AGENT_MAX = MemorySize.ofMib(200);
    private static final Duration WHOLE_AGAIN = Duration.ofSeconds(60);
    private static final Duration MEMORY_BACK = Duration.ofSeconds(10);

    private final Lab lab;
    private final MainJob job;
    private final Console console;
    private final Report report;
    private final List<String> failures = new ArrayList<>();
    private MemorySize agents = MemorySize.ZERO;
    private long wrongPages;
    private int steps = 1;

    Demo(Lab lab, Console console, Report report) {
        this.lab = lab;
        this.job = new MainJob(lab, console::say);
        this.console = console;
        this.report = report;
    }

    /// Runs every step.
    ///
    /// @return the checks that did not hold, in words; empty where all did
    List<String> run() {
        try {
            awaitReady();
            controlRun();
            harvest();
            lend();
            UUID grant = grant();
            Map<String, Returned> lent = new HashMap<>();
            lent.put(MainJob.LENDER, MainJob.lent(job.lender()));
            workload();
            if (job.mirrored()) {
                loseLender(grant);
                lent.put(MainJob.SECOND_LENDER, MainJob.lent(job.secondLender()));
                recallAndDrain(grant);
            }
            report.add(Figure.atMost("wrong_pages", wrongPages, "pages", 0));
            footprint();
            release(grant);
            giveBack(lent);
        } catch (LabException e) {
            failures.add("step %d: %s".formatted(steps, e.getMessage()));
        }
        return failures;
    }

    /// What libvirt says of the VMs, for whoever has to find out why a step failed.
    String vmStates() {
        return "`idle` is %s, `busy` is %s".formatted(job.idle().state(), job.busy().state());
    }

    private void step(String title) {
        console.step(++steps, title);
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            failures.add("step %d: %s".formatted(steps, what));
            console.say("CHECK FAILED: " + what);
        }
    }

    private void awaitReady() {
        job.awaitReady();
        console.say(
                "host a runs `idle`: %s, of which its guest could do without %s (%s cache disk data)"
                        .formatted(
                                Sizes.mib(job.idle().memory()),
                                Sizes.mib(job.idle().meminfo("MemAvailable")),
                                Sizes.mib(job.idle().meminfo("Buffers"))));
        console.say(
                "host b runs `busy`: %s, of which its guest could do without %s"
                        .formatted(
                                Sizes.mib(job.busy().memory()),
                                Sizes.mib(job.busy().meminfo("MemAvailable"))));
    }

    private void controlRun() {
        step(
                "Control run: `busy` touches %s without a grant"
                        .formatted(Sizes.mib(MainJob.WORKLOAD)));
        PageCount pages = job.runWorkload();
        console.say(
                pages.exit() == 0
                        ? "the workload finished"
                        : "the workload ended with exit code %d, %d pages verified"
                                .formatted(pages.exit(), pages.verified()));
        boolean failed = pages.exit() != 0;
        report.add(Figure.truth("control_run_failed", failed));
        check(failed, "the workload must not be able to finish without a grant");
    }

    private void harvest() {
        step("Harvest: the lenders take what idles in their VMs");
        Harvested harvested = job.harvest();
        console.say(
                "libvirt: balloon %s → %s; host: guest RAM resident %s → %s"
                        .formatted(
                                Sizes.mib(harvested.balloonBefore()),
                                Sizes.mib(harvested.balloonAfter()),
                                Sizes.mib(harvested.residentBefore()),
                                Sizes.mib(harvested.residentAfter())));
        console.say(
                "guest: %s available of its own account"
                        .formatted(Sizes.mib(job.idle().meminfo("MemAvailable"))));
        console.say(
                "harvested %s of %s idle"
                        .formatted(Sizes.mib(harvested.bytes()), Sizes.mib(harvested.idle())));
        Figure share =
                Figure.atLeast("harvested_share_of_idle", harvested.shareOfIdle(), "ratio", 0.7);
        report.add(share);
        check(share.met(), "too little was harvested");
        check(
                harvested.residentAfter().compareTo(harvested.balloonAfter()) <= 0,
                "the host still holds memory that the balloon took");
    }

    private void lend() {
        step("Lend: they offer regions of what they harvested");
        job.awaitRegions();
        for (LabHost host : job.lenders()) {
            console.say(
                    "ledger: %d free regions of %s on host %s; host: %s locked by its agent"
                            .formatted(
                                    job.fabric().regions(host.name()).free(),
                                    FabricLimits.REGION,
                                    host.name(),
                                    Sizes.mib(host.agent().regionsResident())));
        }
    }

    private UUID grant() {
        int copies = job.lenders().size();
        step(
                "Grant: %s for `busy` in %d %s, over the REST API"
                        .formatted(
                                Sizes.mib(MainJob.GRANT), copies, copies == 1 ? "copy" : "copies"));
        UUID grant = job.grant();
        console.say("grant %s is ACTIVE".formatted(grant));
        check(job.fabric().copies(grant) == copies, "not every page has its copies");
        console.say(
                "guest: %s of swap, none before"
                        .formatted(Sizes.mib(job.busy().meminfo("SwapTotal"))));
        return grant;
    }

    private void workload() {
        step("The same workload again, with the grant");
        long out = job.busy().pagesSwappedOut();
        long in = job.busy().pagesSwappedIn();
        PageCount pages = job.runWorkload();
        console.say(
                "%d pages went to the lenders, %d came back"
                        .formatted(
                                job.busy().pagesSwappedOut() - out,
                                job.busy().pagesSwappedIn() - in));
        console.say(
                "%d pages written, %d verified, %d wrong, exit code %d"
                        .formatted(pages.written(), pages.verified(), pages.wrong(), pages.exit()));
        long goal = MainJob.WORKLOAD.bytes() / FabricLimits.PAGE.bytes();
        report.add(Figure.atLeast("pages_written", pages.written(), "pages", goal));
        Figure verified =
                new Figure(
                        "pages_verified",
                        pages.verified(),
                        "pages",
                        ">= " + goal + ", all written",
                        pages.verified() >= goal && pages.verified() == pages.written());
        report.add(verified);
        wrongPages += pages.wrong();
        check(pages.everyPageRight() && verified.met(), "not every page was verified");
    }

    private void loseLender(UUID grant) {
        step("Once more, and the agent of host c is killed in the middle");
        LenderKill.Outcome outcome =
                new LenderKill(job.fabric(), job.secondLender(), console::say)
                        .during(job::runWorkload, grant);
        PageCount pages = outcome.pages();
        console.say(
                "%d pages written, %d verified, %d wrong, exit code %d; `busy` is %s"
                        .formatted(
                                pages.written(),
                                pages.verified(),
                                pages.wrong(),
                                pages.exit(),
                                job.busy().state()));
        long copies = job.fabric().copies(grant);
        console.say("ledger: every page on %d hosts".formatted(copies));
        wrongPages += pages.wrong();
        report.add(Figure.truth("lender_killed", outcome.killed()));
        report.add(
                Figure.atMost(
                        "whole_again_s",
                        outcome.wholeAgain().toMillis() / 1e3,
                        "s",
                        (double) WHOLE_AGAIN.toSeconds()));
        check(outcome.killed(), "the lender was not killed under load");
        check(pages.everyPageRight(), "not every page was verified");
        check(copies == job.lenders().size(), "not every page has its copies again");
    }

    private void recallAndDrain(UUID grant) {
        step("Recall: host c needs back all that it lends, in the middle of the work");
        LenderRecall recall = new LenderRecall(job.fabric(), job.secondLender(), console::say);
        LenderRecall.Outcome outcome = recall.during(job::runWorkload, grant);
        PageCount pages = outcome.pages();
        console.say(
                "%d pages written, %d verified, %d wrong, exit code %d; `busy` is %s"
                        .formatted(
                                pages.written(),
                                pages.verified(),
                                pages.wrong(),
                                pages.exit(),
                                job.busy().state()));
        wrongPages += pages.wrong();
        check(outcome.underLoad(), "the memory was not recalled under load");
        check(pages.everyPageRight(), "not every page was verified");
        Figure back =
                Figure.atMost(
                        "recalled_s",
                        outcome.back().toMillis() / 1e3,
                        "s",
                        (double) MEMORY_BACK.toSeconds());
        report.add(back);
        check(back.met(), "the recall took too long");
        step("Drain: host c goes out of service, and the grant goes on with one copy");
        Duration drained = recall.drain();
        console.say(
                "host c lends nothing after %.2f s; `busy` is %s, its grant %s"
                        .formatted(
                                drained.toMillis() / 1e3,
                                job.busy().state(),
                                job.fabric().grantState(grant)));
        Figure empty =
                Figure.atMost(
                        "drained_s",
                        drained.toMillis() / 1e3,
                        "s",
                        (double) MEMORY_BACK.toSeconds());
        report.add(empty);
        check(empty.met(), "the drain took too long");
    }

    private void footprint() {
        MemorySize guests =
                job.idle().balloonDaemonResident().max(job.busy().balloonDaemonResident());
        Figure guest =
                Figure.atMost(
                        "guest_balloon_resident_bytes",
                        guests.bytes(),
                        "bytes",
                        GUEST_DAEMON_MAX.bytes());
        report.add(guest);
        console.say("the guests' balloon daemon takes %s".formatted(Sizes.kib(guests)));
        check(guest.met(), "the guests' daemon is too large");
        sampleAgents();
    }

    private void sampleAgents() {
        for (LabHost host : lab.hosts()) {
            agents = agents.max(host.agent().residentWithoutRegions());
        }
    }

    private void release(UUID grant) {
        step("Release");
        job.release(grant);
        console.say("the grant is RELEASED; guest: no swap any more");
    }

    private void giveBack(Map<String, Returned> lent) {
        step("The VMs that idled wake up and use most of their memory");
        List<MainJob.WakeUp> all =
                job.lenders().parallelStream()
                        .map(
                                host ->
                                        job.wakeUp(
                                                host,
                                                Objects.requireNonNull(lent.get(host.name()))))
                        .toList();
        double least = 1;
        for (MainJob.WakeUp wakeUp : all) {
            Returned returned = wakeUp.returned();
            console.say(
                    "host %s: balloon %s → %s; regions %s → %s; its VM verified %d pages"
                            .formatted(
                                    wakeUp.host().name(),
                                    Sizes.mib(returned.balloonAtGrant()),
                                    Sizes.mib(returned.balloonNow()),
                                    Sizes.mib(returned.regionsAtGrant()),
                                    Sizes.mib(returned.regionsNow()),
                                    wakeUp.pages().verified()));
            least = Math.min(least, returned.shareOf(MainJob.GRANT));
            check(
                    wakeUp.pages().everyPageRight(),
                    "the VM of host %s could not use its memory".formatted(wakeUp.host().name()));
        }
        Figure share = Figure.atLeast("returned_share_of_granted", least, "ratio", 0.999);
        report.add(share);
        check(share.met(), "not all of the memory came back");
        sampleAgents();
        Figure agent =
                Figure.atMost("agent_resident_bytes", agents.bytes(), "bytes", AGENT_MAX.bytes());
        report.add(agent);
        console.say("the largest agent takes %s besides regions".formatted(Sizes.mib(agents)));
        check(agent.met(), "an agent is too large");
    }
}
