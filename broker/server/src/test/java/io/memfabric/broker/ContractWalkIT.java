package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.ContractWalk;
import io.memfabric.broker.testbed.Told;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Every operation of the contract, and nothing that it does not say.
class ContractWalkIT {

    @Test
    void answersEveryOperationOnlyAsTheContractSays() throws IOException {
        ContractWalk.Result result = ContractWalk.walk();
        Told.tell(
                "contract",
                "%d operations, %d answers checked, %d failures, %d answers not brought about"
                        .formatted(
                                result.operations(),
                                result.answered().size(),
                                result.failures().size(),
                                result.unreached().size()));
        Told.tell("contract-rest", String.join(", ", result.unreached()));
        assertThat(result.failures()).isEmpty();
        assertThat(result.answered()).hasSizeGreaterThan(150);
        // What is left is named here, so that an answer that cannot be brought about any more
        // shows.
        assertThat(result.unreached()).hasSizeLessThan(24);
    }
}
