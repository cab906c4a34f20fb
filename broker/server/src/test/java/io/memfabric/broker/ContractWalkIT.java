package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.ContractWalk;
import io.memfabric.broker.testbed.Told;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Every operation of the contract, and nothing that it does not say.
class ContractWalkIT {

    /// Answers that this walk cannot bring about, each with the reason. One that is brought about
    /// after all does not belong here.
    private static final Map<String, String> NOT_BROUGHT_ABOUT =
            Map.of(
                    "GET /api/v1/sign-in/oidc 302",
                    "needs an identity provider, which the browser's tests bring",
                    "GET /actuator/health 503",
                    "needs a database that is gone, which the other tests of this broker use",
                    "GET /actuator/health/liveness 503",
                    "needs a broker that has broken and yet answers",
                    "GET /actuator/health/readiness 503",
                    "needs a broker that is starting or ending");

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
        assertThat(result.failures()).isEmpty();
        assertThat(result.unreached()).isEqualTo(NOT_BROUGHT_ABOUT.keySet());
    }
}
