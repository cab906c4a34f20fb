package io.memfabric.agent.rdma.disni;

import java.lang.System.Logger.Level;

/// Destroys objects one by one: what fails is logged and does not keep the rest from being destroyed.
final class Teardown {

    private static final System.Logger LOG = System.getLogger(Teardown.class.getName());

    private Teardown() {}

    /// A call that answers 0 where it worked.
    interface Step {
        int run() throws Exception;
    }

    static boolean tried(String what, Step step) {
        try {
            int failed = step.run();
            if (failed == 0) {
                return true;
            }
            LOG.log(Level.WARNING, "{0} could not be destroyed: error {1}", what, failed);
        } catch (Exception e) {
            LOG.log(Level.WARNING, "{0} could not be destroyed: {1}", what, e.getMessage());
        }
        return false;
    }
}
