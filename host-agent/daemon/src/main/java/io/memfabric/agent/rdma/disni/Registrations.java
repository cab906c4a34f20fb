package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.SVCRegMr;
import io.memfabric.agent.rdma.QueuePair.Access;
import io.memfabric.agent.rdma.QueuePair.Registration;
import io.memfabric.agent.rdma.RdmaException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The registrations of one protection domain.
final class Registrations {

    private final List<IbvMr> made = new ArrayList<>();

    Registration add(IbvPd domain, long address, long length, Access access) throws RdmaException {
        // DiSNI's lengths are ints.
        if (length < 1 || length > Integer.MAX_VALUE) {
            throw new RdmaException(
                    RdmaException.TOO_LARGE,
                    length + " bytes cannot be registered: at most 2 GiB - 1 at once can");
        }
        try {
            SVCRegMr call = domain.regMr(address, (int) length, flags(access)).execute();
            IbvMr fresh = call.getMr();
            call.free();
            made.add(fresh);
            return new Registration(address, (int) length, fresh.getLkey(), fresh.getRkey());
        } catch (IOException e) {
            throw Failures.ofRegistering(length, e);
        }
    }

    private static int flags(Access access) {
        return switch (access) {
            case SOURCE -> 0;
            case LOCAL -> IbvMr.IBV_ACCESS_LOCAL_WRITE;
            case PEER_READ -> IbvMr.IBV_ACCESS_REMOTE_READ;
            case PEER ->
                    IbvMr.IBV_ACCESS_LOCAL_WRITE
                            | IbvMr.IBV_ACCESS_REMOTE_READ
                            | IbvMr.IBV_ACCESS_REMOTE_WRITE;
        };
    }

    /// Deregisters all.
    ///
    /// @return whether none is left
    boolean giveUp() {
        boolean none = true;
        for (IbvMr registration : made) {
            none &=
                    Teardown.tried(
                            "a registration",
                            () -> {
                                registration.deregMr().execute();
                                return 0;
                            });
        }
        made.clear();
        return none;
    }
}
