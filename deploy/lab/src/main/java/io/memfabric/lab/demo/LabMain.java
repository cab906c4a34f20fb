package io.memfabric.lab.demo;

import io.memfabric.lab.Lab;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabHost;
import io.memfabric.lab.LabOptions;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// The lab's program: `demo`, `harvest`, `disk`, `up`.
public final class LabMain {

    private LabMain() {}

    public static void main(String[] words) {
        Console console = new Console(System.out);
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(words));
        } catch (LabException e) {
            System.err.println("lab: " + e.getMessage());
            System.err.print(Arguments.USAGE);
            exit(2);
            return;
        }
        try {
            exit(
                    switch (arguments.verb()) {
                        case DEMO -> demo(arguments, console);
                        case HARVEST -> harvest(arguments, console);
                        case DISK -> disk(arguments, console);
                        case UP -> up(arguments, console);
                        case HELP -> help(console);
                    });
        } catch (LabException e) {
            if (!endingAnyway()) {
                System.err.println("lab: " + e.getMessage());
                System.err.println("logs: " + arguments.lab().logs());
            }
            exit(1);
        }
    }

    private static int demo(Arguments arguments, Console console) {
        console.step(1, "Start broker, hosts, agents and VMs");
        Report report = new Report();
        LabOptions options = arguments.lab();
        try (Lab lab = Lab.start(options, MainJob.vms(options.hosts()), console::say)) {
            Demo demo = new Demo(lab, console, report);
            List<String> failures = demo.run();
            if (endingAnyway()) {
                return 1;
            }
            report.write(arguments.report(), options.root(), lab.accelerator());
            console.print("\n" + report.table());
            if (failures.isEmpty()) {
                console.print(
                        "Every check held, in %d s.".formatted(console.elapsed().toSeconds()));
            } else {
                failures.forEach(failure -> console.print("FAILED " + failure));
                console.print("libvirt says: " + demo.vmStates());
                console.print("Logs: " + options.logs());
            }
            console.print("Report: " + arguments.report());
            if (arguments.keep()) {
                stay(lab, console);
            }
            return failures.isEmpty() && report.missed().isEmpty() ? 0 : 1;
        }
    }

    private static int harvest(Arguments arguments, Console console) {
        console.step(1, "Start broker, hosts, agents and VMs");
        Report report = new Report();
        LabOptions options = arguments.lab();
        try (Lab lab = Lab.start(options, HarvestBench.vms(), console::say)) {
            new HarvestBench(lab, console, report).run();
            report.write(arguments.report(), options.root(), lab.accelerator());
            console.print("\n" + report.table());
            console.print("Report: " + arguments.report());
            return report.missed().isEmpty() ? 0 : 1;
        }
    }

    private static int disk(Arguments arguments, Console console) {
        console.step(1, "Start broker, hosts, agents and VMs");
        Report report = new Report();
        LabOptions options = arguments.lab();
        try (Lab lab = Lab.start(options, MainJob.vms(options.hosts()), console::say)) {
            new DiskBench(lab, console, report).run();
            report.write(arguments.report(), options.root(), lab.accelerator());
            console.print("\n" + report.table());
            console.print("Report: " + arguments.report());
            return report.missed().isEmpty() ? 0 : 1;
        }
    }

    private static int up(Arguments arguments, Console console) {
        try (Lab lab = Lab.start(arguments.lab(), List.of(), console::say)) {
            stay(lab, console);
            return 0;
        }
    }

    private static int help(Console console) {
        console.print(Arguments.USAGE);
        return 0;
    }

    /// Says how to get in and waits for the end of the program.
    private static void stay(Lab lab, Console console) {
        console.print("");
        console.print("Dashboard:  " + lab.broker().url());
        console.print("            sign in as admin with " + lab.broker().password());
        console.print("API token:  " + lab.broker().token());
        for (LabHost host : lab.hosts()) {
            console.print(
                    "Host %s:     nsenter -t %d -a virsh list"
                            .formatted(host.name(), host.namespace().init()));
        }
        console.print("The lab is up; Ctrl-C ends it.");
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether the program is ending already, by a signal: then the lab goes away under every step,
    /// and what the steps say of it is noise.
    private static boolean endingAnyway() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private static void exit(int code) {
        if (!endingAnyway()) {
            System.exit(code);
        }
    }
}
