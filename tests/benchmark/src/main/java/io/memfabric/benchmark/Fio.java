package io.memfabric.benchmark;

import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// fio's own NBD client, which is heavier than ours.
final class Fio {

    private static final int SECONDS = 2;

    private Fio() {}

    /// Random reads of 4 KiB, sixteen at a time, a second.
    static double randomReads(Server server) throws IOException, InterruptedException {
        String report =
                Tools.run(
                        List.of(
                                "fio",
                                "--name=reads",
                                "--ioengine=nbd",
                                "--uri=nbd+unix:///"
                                        + server.export()
                                        + "?socket="
                                        + server.socket(),
                                "--rw=randread",
                                "--bs=4k",
                                "--iodepth=16",
                                "--time_based",
                                "--runtime=" + SECONDS,
                                "--ramp_time=1",
                                "--randrepeat=1",
                                "--output-format=json"));
        // It may warn before it reports.
        JsonNode json =
                JsonMapper.builder().build().readTree(report.substring(report.indexOf('{')));
        return json.path("jobs").path(0).path("read").path("iops").asDouble();
    }
}
