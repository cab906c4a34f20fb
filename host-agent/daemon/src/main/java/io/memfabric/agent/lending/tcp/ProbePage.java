package io.memfabric.agent.lending.tcp;

import io.memfabric.agent.nbd.ExportInfo;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.NbdException;
import io.memfabric.agent.nbd.ReplyHeader;
import io.memfabric.agent.nbd.RequestHeader;
import io.memfabric.agent.nbd.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Serves one page of zeros to a borrower that measures the way here. It has buffers of a page where a
/// region's server has half a megabyte: every host is measured by many others every minute.
final class ProbePage {

    static final int BYTES = 4096;
    static final ExportInfo INFO = ExportInfo.ofManyClients(BYTES, 1, BYTES);

    private final Wire wire;
    private final ByteBuffer request = ByteBuffer.allocate(RequestHeader.BYTES);
    private final ByteBuffer answer = ByteBuffer.allocate(ReplyHeader.BYTES + BYTES);

    ProbePage(Wire wire) {
        this.wire = wire;
    }

    /// Answers reads until the borrower says goodbye or closes.
    ///
    /// @throws NbdException where it asks for anything else
    void serve() throws IOException {
        RequestHeader header = new RequestHeader(request);
        while (receive()) {
            header.moveTo(0);
            if (header.command() == Nbd.CMD_DISC) {
                return;
            }
            if (header.command() != Nbd.CMD_READ || INFO.errorOf(header) != Nbd.OK) {
                throw new NbdException("the page of zeros can only be read");
            }
            ReplyHeader.write(answer, 0, Nbd.OK, header.cookie());
            answer.clear().limit(ReplyHeader.BYTES + (int) header.length());
            while (answer.hasRemaining()) {
                wire.write(answer);
            }
        }
    }

    private boolean receive() throws IOException {
        request.clear();
        while (request.hasRemaining()) {
            if (wire.read(request) < 0) {
                return false;
            }
        }
        return true;
    }
}
