package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.AuthorizationMatrix;
import io.memfabric.broker.testbed.Told;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Every operation of the contract × every role × what is its tenant's own, another's, or nobody's.
class AuthorizationMatrixIT {

    @Test
    void answersEveryRoleAsTheContractSays() throws IOException {
        AuthorizationMatrix.Result result = AuthorizationMatrix.walk();
        Told.tell("matrix", result.cells() + " cells, " + result.failures().size() + " failures");
        assertThat(result.failures()).isEmpty();
        assertThat(result.cells()).isGreaterThan(200);
    }
}
