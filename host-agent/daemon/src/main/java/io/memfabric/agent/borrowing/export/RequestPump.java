package io.memfabric.agent.borrowing.export;

import io.memfabric.agent.borrowing.BlockDevice;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.ExportInfo;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;

/// Moves one client's requests to the device: receives many at once, submits them where they lie,
/// sends them off together.
final class RequestPump {

    private final UnixDiskServer server;
    private final ExportInfo info;
    private final BlockDevice device;
    private final Requests requests;
    private final long[] cookies;
    private final SlotPool slots;
    private final RequestRing ring;
    private final ClientConnection client;
    private final LocalReplies replies = new LocalReplies();

    RequestPump(UnixDiskServer server, ClientConnection client) {
        this.server = server;
        this.info = server.info();
        this.device = server.device();
        this.requests = server.requests();
        this.cookies = server.cookies();
        this.slots = server.slots();
        this.ring = server.ring();
        this.client = client;
    }

    /// Pumps until the client says goodbye or closes.
    ///
    /// @throws io.memfabric.agent.nbd.NbdException where it broke the protocol
    void run() throws IOException {
        RequestHeader request = new RequestHeader(ring.memory());
        int frame = RequestHeader.BYTES;
        while (receive(frame)) {
            frame = RequestHeader.BYTES;
            while (ring.available() >= RequestHeader.BYTES) {
                request.moveTo(ring.start());
                if (request.command() == Nbd.CMD_DISC) {
                    return;
                }
                int payload = request.payload();
                if (payload > Requests.MAX_PAYLOAD) {
                    refuseLongWrite(request, payload);
                    continue;
                }
                if (ring.available() < RequestHeader.BYTES + payload) {
                    frame = RequestHeader.BYTES + payload;
                    break;
                }
                take(request, RequestHeader.BYTES + payload);
            }
        }
    }

    private boolean receive(int frame) throws IOException {
        sendOff();
        while (!ring.hasRoomFor(frame)) {
            awaitAnswers();
        }
        return ring.receive(client.channel());
    }

    private void take(RequestHeader request, int frame) throws IOException {
        int error = info.errorOf(request);
        // A write that was answered is at the lender already, so there is nothing to flush.
        if (error != Nbd.OK || request.length() == 0) {
            reply(request.cookie(), error);
            ring.drop(frame);
            return;
        }
        int slot = slots.take();
        while (slot < 0 || !ring.canKeepOneMore()) {
            sendOff();
            awaitAnswers();
            slot = slot < 0 ? slots.take() : slot;
        }
        cookies[slot] = request.cookie();
        if (request.command() == Nbd.CMD_WRITE) {
            server.countWrite();
        }
        requests.set(slot, request.command(), request.offset(), request.length(), ring.start());
        ring.keep(frame, slot);
        device.submit(slot);
    }

    /// Reads through a write that is longer than what was offered, but not absurd.
    private void refuseLongWrite(RequestHeader request, int payload) throws IOException {
        long cookie = request.cookie();
        int error = info.errorOf(request);
        ring.drop(RequestHeader.BYTES);
        int left = payload;
        while (true) {
            int here = Math.min(left, ring.available());
            ring.drop(here);
            left -= here;
            if (left == 0) {
                reply(cookie, error);
                return;
            }
            if (!receive(1)) {
                throw new ClosedChannelException();
            }
        }
    }

    private void reply(long cookie, int error) {
        if (replies.isFull()) {
            replies.send(client);
        }
        replies.add(cookie, error);
    }

    private void sendOff() {
        device.flush();
        replies.send(client);
    }

    private void awaitAnswers() throws IOException {
        slots.await(1, TimeUnit.SECONDS);
        if (!client.channel().isOpen()) {
            throw new ClosedChannelException();
        }
    }
}
