package io.memfabric.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArgumentsTest {

    @Test
    void runsAllPatternsForAThousandVmDaysUnlessToldOtherwise() {
        Arguments arguments = Arguments.of("harvest");

        assertThat(arguments.patterns()).containsExactly(Pattern.values());
        assertThat(arguments.vmDays()).isEqualTo(1000);
    }

    @Test
    void namesThePatternsWhereOneIsUnknown() {
        assertThatThrownBy(() -> Arguments.of("harvest", "--pattern", "burst"))
                .hasMessageContaining("bursty, leak, boot-storm");
    }

    @Test
    void aBenchmarkTakesNoPatternOfItsOwn() {
        assertThat(Arguments.of("bench-harvest", "--vm-figures", "vm.json").bench()).isTrue();
        assertThatThrownBy(() -> Arguments.of("bench-harvest", "--pattern", "bursty"))
                .hasMessageContaining("--pattern");
        assertThatThrownBy(() -> Arguments.of("harvest", "--vm-figures", "vm.json"))
                .hasMessageContaining("--vm-figures");
    }

    @Test
    void refusesNumbersOutOfRange() {
        assertThatThrownBy(() -> Arguments.of("harvest", "--vm-days", "0"))
                .hasMessageContaining("--vm-days");
    }

    @Test
    void namesTheLineOfATraceThatCannotBeRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("trace.csv");
        Files.writeString(file, "ceiling_mib,1024\n0,100,50\n1,NaN,50\n");

        assertThatThrownBy(() -> TraceFile.read(file)).hasMessageContaining("line 3");
    }

    @Test
    void readsATrace(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("trace.csv");
        Files.writeString(file, "ceiling_mib,1024\n0,100,50\n1,200,50\n");
        Trace trace = TraceFile.read(file);

        assertThat(trace.seconds()).isEqualTo(2);
        assertThat(trace.anon()[1]).isEqualTo(200);
    }
}
