package io.memfabric.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One host's time under one rule.
final class Run {

    private final SimulatedHost host;
    private final Rule rule;
    private final List<Judge> judges = new ArrayList<>();
    private final @Nullable Recording recording;

    /// @param recording what to keep of the first VM for a plot, or null
    Run(List<Trace> traces, Rule rule, @Nullable Recording recording) {
        this.host = new SimulatedHost(traces);
        this.rule = rule;
        this.recording = recording;
        double floor = Mib.of(ProductionRule.RULES.floor().bytes());
        for (int i = 0; i < traces.size(); i++) {
            judges.add(new Judge(host.guests().get(i), new Oracle(traces.get(i), floor)));
        }
    }

    /// Lets the time pass and answers what came of it.
    Score judged() {
        int seconds = host.guests().getFirst().trace().seconds();
        for (int second = 0; second < seconds; second++) {
            second(second);
        }
        Score sum = Score.NONE;
        for (Judge judge : judges) {
            sum = sum.plus(judge.score());
        }
        return sum;
    }

    private void second(int second) {
        List<Guest> guests = host.guests();
        boolean moving = false;
        for (Guest guest : guests) {
            guest.begin(second);
            moving |= guest.moves(second);
        }
        // A host where nothing moves takes one step; its guests still report at their own times.
        int steps = moving ? Guest.STEPS : 1;
        double dt = 1.0 / steps;
        rule.tick(host, second);
        int first = moving ? 0 : Guest.STEPS - SimulatedHost.DAEMON_STEPS;
        for (int step = first; step < Guest.STEPS; step++) {
            double part = (step + 1) * Guest.STEP;
            if (moving || step == first) {
                for (int vm = 0; vm < guests.size(); vm++) {
                    guests.get(vm).step(second, moving ? part : 1, dt);
                    judges.get(vm).step(second, second + part);
                }
                host.lend(dt);
            }
            for (int vm = 0; vm < guests.size(); vm++) {
                if (host.listen(vm, second, step, second + part, moving) && moving) {
                    rule.heard(host, vm, second, part);
                }
            }
        }
        for (int vm = 0; vm < guests.size(); vm++) {
            judges.get(vm).second(second);
            guests.get(vm).end();
        }
        if (recording != null) {
            recording.note(guests.getFirst(), second);
        }
    }
}
