package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.ContractWalk;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Every operation of the contract, and nothing that it does not say.
class ContractWalkIT {

    @Test
    void answersEveryOperationOnlyAsTheContractSays() throws IOException {
        ContractWalk.Result result = ContractWalk.walk();
        assertThat(result.failures()).isEmpty();
        assertThat(result.answered()).hasSizeGreaterThan(150);
        // What is left is named here, so that an answer that cannot be brought about any more
        // shows.
        assertThat(result.unreached()).hasSizeLessThan(45);
    }
}
