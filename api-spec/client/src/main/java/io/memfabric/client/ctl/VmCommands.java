package io.memfabric.client.ctl;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What can be wanted of a VM's memory.
final class VmCommands {

    private static final List<Column> MEMORY =
            List.of(
                    Column.text("NAME", "/status/name"),
                    Column.bytes("FLOOR", "/spec/memory/floorBytes"),
                    Column.bytes("CEILING", "/spec/memory/ceilingBytes"),
                    Column.text("WEIGHT", "/spec/memory/weight"),
                    Column.text("LENDS", "/spec/memory/lend"),
                    Column.text("GROWS", "/spec/memory/autoGrow/enabled"),
                    Column.bytes("GROWS BY", "/spec/memory/autoGrow/maxBytes"),
                    Column.text("ID", "/id"));

    private VmCommands() {}

    @Command(name = "set", description = "Say what is wanted of a VM's memory.")
    static final class Set extends CtlCommand {

        @Parameters(paramLabel = "NAME|ID", description = "the VM")
        private String vm = "";

        @Option(
                names = "--floor",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "what it always keeps")
        private @Nullable MemorySize floor;

        @Option(
                names = "--ceiling",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "the most that it is given back; 0 for all that it was defined with")
        private @Nullable MemorySize ceiling;

        @Option(
                names = "--weight",
                paramLabel = "N",
                description = "its share where memory is short; 1 is usual")
        private @Nullable Integer weight;

        @Option(
                names = "--lend",
                paramLabel = "true|false",
                description = "whether its idle memory may be taken")
        private @Nullable Boolean lend;

        @Option(
                names = "--grow-by",
                paramLabel = "SIZE",
                converter = Sizes.class,
                description = "the most that its host may ask for by itself; 0 ends growing")
        private @Nullable MemorySize growBy;

        @Override
        public Integer call() {
            Map<String, Object> memory = new LinkedHashMap<>();
            if (floor != null) {
                memory.put("floorBytes", floor.bytes());
            }
            if (ceiling != null) {
                memory.put("ceilingBytes", ceiling.bytes());
            }
            if (weight != null) {
                memory.put("weight", weight);
            }
            if (lend != null) {
                memory.put("lend", lend);
            }
            if (growBy != null) {
                memory.put(
                        "autoGrow",
                        Map.of("enabled", !growBy.isZero(), "maxBytes", growBy.bytes()));
            }
            return change(
                    Resources.VMS,
                    vm,
                    MEMORY,
                    memory.isEmpty() ? Map.of() : Map.of("memory", memory));
        }
    }
}
