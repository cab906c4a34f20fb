package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.impl.NatCmaIdPrivate;
import com.ibm.disni.verbs.impl.NatRdmaEventChannel;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// DiSNI's event channel with a memory that several threads may use and that forgets: the original
/// keeps every id that it ever saw in a plain map.
final class EventChannel extends NatRdmaEventChannel {

    private final Map<Long, NatCmaIdPrivate> ids = new ConcurrentHashMap<>();

    EventChannel(NatRdmaEventChannel original) throws IOException {
        super(original.getObjId(), original.getFd());
    }

    @Override
    public void addCmId(NatCmaIdPrivate id) {
        ids.put(id.getObjId(), id);
    }

    // DiSNI takes null for "no such id".
    @SuppressWarnings("NullAway")
    @Override
    public NatCmaIdPrivate getCmId(long handle) {
        return ids.get(handle);
    }

    void forget(NatCmaIdPrivate id) {
        ids.remove(id.getObjId());
    }
}
