package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabHost;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// The main job with progress lines, checks and figures.
final class Demo {

    private static final MemorySize GUEST_DAEMON_MAX = MemorySize.ofMib(1);
    private static final MemorySize AGENT_MAX = MemorySize.ofMib(200);

    private final Lab lab;
    private final MainJob job;
    private final Console console;
    private final Report report;
    private final List<String> failures = new ArrayList<>();
    private MemorySize agents = MemorySize.ZERO;
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
            Returned lent = job.lent();
            workload();
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
        step("Harvest: host a takes what idles in `idle`");
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
        step("Lend: host a offers regions of what it harvested");
        Fabric.Regions regions = job.awaitRegions();
        console.say(
                "ledger: %d free regions of %s on host a; host: %s locked by its agent"
                        .formatted(
                                regions.free(),
                                FabricLimits.REGION,
                                Sizes.mib(job.lender().agent().regionsResident())));
    }

    private UUID grant() {
        step("Grant: %s for `busy`, over the REST API".formatted(Sizes.mib(MainJob.GRANT)));
        UUID grant = job.grant();
        console.say("grant %s is ACTIVE".formatted(grant));
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
                "%d pages went to host a, %d came back"
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
        report.add(Figure.atMost("wrong_pages", pages.wrong(), "pages", 0));
        check(pages.everyPageRight() && verified.met(), "not every page was verified");
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

    private void giveBack(Returned lent) {
        step("`idle` wakes up and uses most of its memory");
        MainJob.WakeUp wakeUp = job.wakeUp(lent);
        Returned returned = wakeUp.returned();
        console.say(
                "libvirt: balloon %s → %s; host: regions %s → %s"
                        .formatted(
                                Sizes.mib(returned.balloonAtGrant()),
                                Sizes.mib(returned.balloonNow()),
                                Sizes.mib(returned.regionsAtGrant()),
                                Sizes.mib(returned.regionsNow())));
        console.say("its own workload verified %d pages".formatted(wakeUp.pages().verified()));
        Figure share =
                Figure.atLeast(
                        "returned_share_of_granted",
                        returned.shareOf(MainJob.GRANT),
                        "ratio",
                        0.999);
        report.add(share);
        check(share.met(), "not all of the memory came back");
        check(wakeUp.pages().everyPageRight(), "`idle` could not use its memory");
        sampleAgents();
        Figure agent =
                Figure.atMost("agent_resident_bytes", agents.bytes(), "bytes", AGENT_MAX.bytes());
        report.add(agent);
        console.say("the largest agent takes %s besides regions".formatted(Sizes.mib(agents)));
        check(agent.met(), "an agent is too large");
    }
}
