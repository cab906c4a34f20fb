package io.memfabric.broker.command;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import java.time.Duration;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CommandController {

    private static final int LONGEST_WAIT = 30;

    private final Commands commands;
    private final Ledger ledger;

    CommandController(Commands commands, Ledger ledger) {
        this.commands = commands;
        this.ledger = ledger;
    }

    @GetMapping("/agent/v1/commands")
    CommandBatch poll(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestParam(defaultValue = "-1") long revision,
            @RequestParam(defaultValue = "0") int wait) {
        if (wait < 0 || wait > LONGEST_WAIT) {
            throw new Problem(ProblemCode.INVALID_WAIT, "wait must be 0 to 30 seconds.");
        }
        return commands.poll(caller.hostId(), revision, Duration.ofSeconds(wait));
    }

    @PostMapping("/agent/v1/results")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void answer(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody CommandResult result) {
        ledger.run(() -> commands.answer(caller.hostId(), result));
    }
}
