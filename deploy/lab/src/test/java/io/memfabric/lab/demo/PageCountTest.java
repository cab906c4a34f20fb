package io.memfabric.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.lab.GuestPort;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PageCountTest {

    private static PageCount of(int exit, String... lines) {
        return PageCount.of(new GuestPort.Answer(exit, List.of(lines)));
    }

    @Test
    void countsAreInTheLastLine() {
        assertThat(
                        of(
                                0,
                                "written round=1 mib=32",
                                "pages_written=8 pages_verified=8 wrong_pages=0"))
                .isEqualTo(new PageCount(0, 8, 8, 0));
    }

    @Test
    void aWorkloadThatWasKilledVerifiedNothing() {
        assertThat(of(137, "written round=1 mib=32")).isEqualTo(new PageCount(137, 0, 0, 0));
        assertThat(of(137)).isEqualTo(new PageCount(137, 0, 0, 0));
    }

    @Test
    void everyPageIsRightOnlyWhereAllWereWrittenReadAndFound() {
        assertThat(new PageCount(0, 8, 8, 0).everyPageRight()).isTrue();
        assertThat(new PageCount(0, 8, 7, 0).everyPageRight()).isFalse();
        assertThat(new PageCount(0, 8, 8, 1).everyPageRight()).isFalse();
        assertThat(new PageCount(1, 8, 8, 0).everyPageRight()).isFalse();
        assertThat(new PageCount(0, 0, 0, 0).everyPageRight()).isFalse();
    }
}
