package io.memfabric.contract.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RegionSetNameTest {

    private static final UUID BOOT = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
    private static final UUID GRANT = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final String SECRET = "00112233445566778899aabbccddeeff";

    private static ExportName region(long id, long generation) {
        return new ExportName(BOOT, id, generation, GRANT, 7, SECRET);
    }

    @Test
    void readsWhatItWrites() {
        RegionSetName name = new RegionSetName(List.of(region(4, 1), region(2, 30)));
        assertThat(name.wire())
                .isEqualTo("mfs1." + BOOT + "." + GRANT + ".7." + SECRET + ".4-1.2-30");
        assertThat(RegionSetName.parse(name.wire())).isEqualTo(name);
    }

    @Test
    void readsTheNameOfASingleRegionToo() {
        assertThat(RegionSetName.parse(region(4, 1).wire()))
                .isEqualTo(new RegionSetName(List.of(region(4, 1))));
    }

    @Test
    void hundredRegionsOfAnyNumberFitIntoAName() {
        List<ExportName> regions =
                LongStream.range(0, 100)
                        .mapToObj(i -> region(999_999_999_999_999_000L + i, i << 52))
                        .toList();
        RegionSetName name = new RegionSetName(regions);
        assertThat(name.wire()).hasSizeLessThanOrEqualTo(RegionSetName.MAX_CHARS);
        assertThat(RegionSetName.parse(name.wire())).isEqualTo(name);
    }

    @Test
    void refusesWhatIsNoSet() {
        String good = new RegionSetName(List.of(region(4, 1), region(2, 30))).wire();
        for (String bad :
                List.of(
                        "",
                        "mfs1.",
                        good + ".",
                        good + ".5",
                        good + ".5-",
                        good + ".-5",
                        good + ".4-2",
                        good + ".5-1.",
                        good + "\n",
                        good.replace("mfs1", "mfs2"),
                        good.replace(SECRET, SECRET.substring(1)),
                        good.replace(BOOT.toString(), "------------------------------------"),
                        good.replace(".7.", ".-7."),
                        good + ".1234567890123456789-1",
                        good + ".5-1".repeat(2000))) {
            assertThatThrownBy(() -> RegionSetName.parse(bad))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesRegionsOfSeveralClaims() {
        ExportName other = new ExportName(BOOT, 9, 1, BOOT, 7, SECRET);
        assertThatThrownBy(() -> new RegionSetName(List.of(region(1, 1), other)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RegionSetName(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsItsSecretOutOfLogs() {
        RegionSetName name = new RegionSetName(List.of(region(4, 1), region(2, 30)));
        assertThat(name.toString()).doesNotContain(SECRET).contains("and 1 more");
    }
}
