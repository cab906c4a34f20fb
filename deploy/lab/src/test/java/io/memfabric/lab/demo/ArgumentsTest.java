package io.memfabric.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.lab.LabException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {

    @Test
    void aDemoHasTwoHostsAndEndsByItself() {
        Arguments arguments = Arguments.parse(List.of("demo", "--root", "/srv/memfabric"));
        assertThat(arguments.verb()).isEqualTo(Arguments.Verb.DEMO);
        assertThat(arguments.lab().hosts()).isEqualTo(3);
        assertThat(arguments.keep()).isFalse();
        assertThat(arguments.report()).isEqualTo(Path.of("/srv/memfabric/target/demo/report.json"));
    }

    @Test
    void theRepositoryIsFoundAroundTheProgram() {
        assertThat(Arguments.parse(List.of("demo")).lab().root().resolve("deploy/lab")).exists();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dance",
                "demo --fast",
                "demo --hosts",
                "demo --hosts two",
                "demo --hosts 1",
                "demo --hosts 21"
            })
    void whatMakesNoSenseIsRefused(String line) {
        assertThatThrownBy(() -> Arguments.parse(List.of(line.split(" ", -1))))
                .isInstanceOf(LabException.class);
    }
}
