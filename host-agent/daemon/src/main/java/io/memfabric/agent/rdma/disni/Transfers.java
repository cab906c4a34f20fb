package io.memfabric.agent.rdma.disni;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.RdmaVerbs;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.util.LinkedList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The prepared calls of one direction, one a slot, each made at the slot's first transfer: laying
/// one out costs more than sending it.
final class Transfers {

    private final RdmaVerbs verbs;
    private final IbvQP qp;
    private final int opcode;
    private final @Nullable Prepared[] slots;

    Transfers(RdmaVerbs verbs, IbvQP qp, int opcode, int slots) {
        this.verbs = verbs;
        this.qp = qp;
        this.opcode = opcode;
        this.slots = new Prepared[slots];
    }

    private record Prepared(
            SVCPostSend call, SVCPostSend.RdmaMod remote, SVCPostSend.SgeMod element) {}

    void post(int slot, long local, int localKey, long remote, int remoteKey, int length)
            throws IOException {
        Prepared prepared = slots[slot];
        if (prepared == null) {
            prepared = prepare(slot);
            slots[slot] = prepared;
        }
        prepared.element.setAddr(local);
        prepared.element.setLength(length);
        prepared.element.setLkey(localKey);
        prepared.remote.setRemote_addr(remote);
        prepared.remote.setRkey(remoteKey);
        prepared.call.execute();
    }

    private Prepared prepare(int slot) throws IOException {
        SVCPostSend call = call(verbs, qp, opcode, slot);
        SVCPostSend.SendWRMod request = call.getWrMod(0);
        return new Prepared(call, request.getRdmaMod(), request.getSgeMod(0));
    }

    // DiSNI wants linked lists.
    @SuppressWarnings("JdkObsolete")
    static SVCPostSend call(RdmaVerbs verbs, IbvQP qp, int opcode, long id) throws IOException {
        LinkedList<IbvSge> elements = new LinkedList<>();
        elements.add(new IbvSge());
        IbvSendWR request = new IbvSendWR();
        request.setWr_id(id);
        request.setOpcode(opcode);
        request.setSend_flags(IbvSendWR.IBV_SEND_SIGNALED);
        request.setSg_list(elements);
        return verbs.postSend(qp, List.of(request), List.of());
    }

    void free() {
        for (Prepared prepared : slots) {
            if (prepared != null) {
                prepared.call.free();
            }
        }
    }
}
