package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.HypervisorException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The monitor of the VMs' QEMU (the QEMU Machine Protocol), through libvirt.
final class QemuMonitor {

    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final LibvirtLink link;
    private final PlatformCalls calls;

    QemuMonitor(LibvirtLink link, PlatformCalls calls) {
        this.link = link;
        this.calls = calls;
    }

    /// QEMU refused; the message is its own.
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    /// Says a command and answers what QEMU returns.
    ///
    /// @throws RefusedException where QEMU answers an error
    /// @throws HypervisorException where libvirt cannot bring the answer
    JsonNode say(UUID vmId, String command, Map<String, ?> arguments)
            throws HypervisorException, RefusedException {
        String words = JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments));
        LibvirtSession session = link.session();
        String said =
                link.watched(
                        session,
                        () ->
                                calls.call(
                                        "disks of " + vmId,
                                        DEADLINE,
                                        () -> session.monitor(vmId, words)));
        JsonNode answer = parsed(said);
        JsonNode error = answer.path("error");
        if (!error.isMissingNode()) {
            throw new RefusedException(command + ": " + error.path("desc").asString("refused"));
        }
        return answer.path("return");
    }

    /// As [#say], for a question that QEMU has no reason to refuse.
    JsonNode ask(UUID vmId, String command, Map<String, ?> arguments) throws HypervisorException {
        try {
            return say(vmId, command, arguments);
        } catch (RefusedException e) {
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_REFUSED, String.valueOf(e.getMessage()), e);
        }
    }

    private static JsonNode parsed(String said) throws HypervisorException {
        try {
            return JSON.readTree(said);
        } catch (JacksonException e) {
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_REFUSED, "QEMU's answer cannot be read", e);
        }
    }
}
