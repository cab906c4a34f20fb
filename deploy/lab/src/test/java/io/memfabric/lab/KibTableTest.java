package io.memfabric.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.contract.vocabulary.MemorySize;
import org.junit.jupiter.api.Test;

final class KibTableTest {

    @Test
    void readsWhatProcPrints() {
        String meminfo =
                "MemTotal:         484684 kB\nMemFree:          401000 kB\nHugePages_Total:       0\n";
        assertThat(KibTable.size("MemFree", meminfo)).isEqualTo(MemorySize.ofKib(401000));
    }

    @Test
    void readsWhatVirshPrints() {
        assertThat(KibTable.size("usable", "actual 524288\nusable 449820\nlast_update 17\n"))
                .isEqualTo(MemorySize.ofKib(449820));
    }

    @Test
    void takesNoPartOfAName() {
        assertThatThrownBy(() -> KibTable.size("Free", "MemFree: 1 kB\n"))
                .isInstanceOf(LabException.class)
                .hasMessageContaining("no Free");
    }
}
