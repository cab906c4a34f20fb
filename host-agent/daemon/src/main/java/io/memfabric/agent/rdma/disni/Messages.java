package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.RdmaVerbs;
import com.ibm.disni.verbs.SVCPostRecv;
import com.ibm.disni.verbs.SVCPostSend;
import io.memfabric.agent.rdma.QueuePair;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedList;
import java.util.List;

/// The memory of the two messages that a connection begins with, and their prepared calls. One receive
/// is posted at all times: its end is how a sleeping connection learns of its own.
final class Messages {

    private static final int PAGE = 4096;

    private final MemorySegment memory;
    private final SVCPostSend sending;
    private final SVCPostRecv receiving;

    /// Lays out the calls.
    ///
    /// @param memory [#allocate]d, registered with that key
    // DiSNI wants linked lists.
    @SuppressWarnings("JdkObsolete")
    Messages(RdmaVerbs verbs, IbvQP qp, MemorySegment memory, int key, long sendId, long receiveId)
            throws IOException {
        this.memory = memory;
        sending = Transfers.call(verbs, qp, IbvSendWR.IBV_WR_SEND, sendId);
        sending.getWrMod(0).getSgeMod(0).setAddr(memory.address());
        sending.getWrMod(0).getSgeMod(0).setLkey(key);
        IbvSge element = new IbvSge();
        element.setAddr(memory.address() + QueuePair.MESSAGE);
        element.setLength(QueuePair.MESSAGE);
        element.setLkey(key);
        LinkedList<IbvSge> elements = new LinkedList<>();
        elements.add(element);
        IbvRecvWR request = new IbvRecvWR();
        request.setWr_id(receiveId);
        request.setSg_list(elements);
        request.setNum_sge(1);
        receiving = verbs.postRecv(qp, List.of(request), List.of());
    }

    static MemorySegment allocate(Arena arena) {
        return arena.allocate(2L * QueuePair.MESSAGE, PAGE);
    }

    void postReceive() throws IOException {
        receiving.execute();
    }

    void send(byte[] message) throws IOException {
        MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, 0, message.length);
        sending.getWrMod(0).getSgeMod(0).setLength(message.length);
        sending.execute();
    }

    byte[] received(int length) {
        return memory.asSlice(QueuePair.MESSAGE, length).toArray(ValueLayout.JAVA_BYTE);
    }

    void free() {
        sending.free();
        receiving.free();
    }
}
