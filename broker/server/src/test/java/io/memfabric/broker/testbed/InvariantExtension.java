package io.memfabric.broker.testbed;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Holds the ledger against its rules after every test, whatever the test was about. Fake agents of
/// the shared broker do so after every one of their steps.
public final class InvariantExtension implements AfterTestExecutionCallback {

    @Override
    public void afterTestExecution(ExtensionContext test) {
        if (TestBroker.isRunning()) {
            TestBroker.shared().holdInvariants();
        }
    }
}
