package io.memfabric.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SmapsMappingTest {

    private static List<String> mapping(long sizeKib, long residentKib, String flags) {
        return List.of(
                "7f0000000000-7f0004000000 rw-p 00000000 00:00 0",
                "Size:           " + sizeKib + " kB",
                "KernelPageSize:        4 kB",
                "Rss:            " + residentKib + " kB",
                "VmFlags: rd wr mr mw me " + flags);
    }

    private static SmapsMapping only(List<String> lines) {
        assertThat(SmapsMapping.parse(lines)).hasSize(1);
        return SmapsMapping.parse(lines).getFirst();
    }

    @Test
    void aLockedMappingOfWholeRegionsIsARegion() {
        SmapsMapping mapping = only(mapping(131072, 131072, "lo ac sd"));
        assertThat(mapping.region()).isTrue();
        assertThat(mapping.resident()).isEqualTo(MemorySize.ofMib(128));
    }

    @Test
    void aHeapOfARegionsSizeIsNone() {
        assertThat(only(mapping(65536, 30000, "ac sd")).region()).isFalse();
    }

    @Test
    void aSmallLockedMappingIsNone() {
        assertThat(only(mapping(4, 4, "lo")).region()).isFalse();
    }
}
