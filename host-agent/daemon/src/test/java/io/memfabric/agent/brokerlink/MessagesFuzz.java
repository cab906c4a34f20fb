package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.EnrollResponse;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Whatever agents and broker may be told in place of a message: it is understood, and then says the
/// same when written again, or it is refused as JSON is refused. The first byte picks the message.
public final class MessagesFuzz {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    private static final List<Class<?>> MESSAGES =
            List.of(
                    CommandBatch.class,
                    CommandResult.class,
                    EnrollRequest.class,
                    EnrollResponse.class,
                    HostInventory.class,
                    HostReport.class,
                    ReportReply.class);

    private MessagesFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] text = Arrays.copyOfRange(input, 1, input.length);
        int pick = (input[0] & 0xff) % (MESSAGES.size() + 1);
        if (pick < MESSAGES.size()) {
            json(text, MESSAGES.get(pick));
        } else {
            names(new String(text, StandardCharsets.UTF_8));
        }
    }

    private static <T> void json(byte[] text, Class<T> message) {
        T read;
        try {
            read = JSON.readValue(text, message);
        } catch (JacksonException e) {
            return;
        }
        if (read != null) {
            check(JSON.readValue(JSON.writeValueAsBytes(read), message).equals(read), text);
        }
    }

    private static void names(String text) {
        try {
            check(
                    ExportName.parse(text).wire().equals(text),
                    text.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            // Not a region's name.
        }
        try {
            check(
                    text.startsWith("mf1.") || RegionSetName.parse(text).wire().equals(text),
                    text.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            // Not a name of several regions.
        }
    }

    private static void check(boolean same, byte[] text) {
        if (!same) {
            throw new AssertionError("became another: " + new String(text, StandardCharsets.UTF_8));
        }
    }
}
