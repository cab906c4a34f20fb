package io.memfabric.rdma.inside;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// The agent's own contract of legs, as its unit tests have it, on this VM's device: lender and
/// borrower in one process, every page through soft-RoCE.
final class Contract {

    private static final String TESTS = "io.memfabric.agent.borrowing.RdmaLegIT";

    private Contract() {}

    static void run(String address) {
        System.setProperty("memfabric.rdma.address", address);
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(TESTS))
                        .configurationParameter(
                                "junit.jupiter.execution.timeout.testable.method.default", "2 m")
                        .build();
        Printed printed = new Printed();
        LauncherFactory.create().execute(request, printed);
        System.out.println("PASS contract " + printed.passed + " tests of " + TESTS);
    }

    private static final class Printed implements TestExecutionListener {

        private final AtomicInteger passed = new AtomicInteger();

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            System.out.println("FAIL contract." + test.getDisplayName() + " skipped: " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            String name = test.getDisplayName().replace("()", "");
            if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                String why = result.getThrowable().map(Throwable::toString).orElse("no reason");
                System.out.println("FAIL contract." + name + " " + why.replaceAll("\\s+", " "));
                result.getThrowable().ifPresent(Throwable::printStackTrace);
            } else if (test.isTest()) {
                passed.incrementAndGet();
                System.out.println("PASS contract." + name);
            }
        }
    }
}
