package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.policy.BalloonState;
import io.memfabric.agent.policy.GrowthPolicy.Sight;
import io.memfabric.agent.policy.GrowthState.Stage;
import io.memfabric.agent.policy.VmMemory;
import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Terms;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthTest {

    private static final UUID VM = new UUID(0, 1);
    private static final long MIB = 1 << 20;
    private static final BalloonRules RULES =
            new BalloonRules(MemorySize.ofMib(96), MemorySize.ofMib(64), MemorySize.ofMib(128));

    @TempDir private Path folder;

    private Growth load() throws IOException {
        return Growth.load(folder.resolve("growth.json"), RULES);
    }

    private static Sight inNeed() {
        VmMemory vm =
                new VmMemory(
                        VM,
                        512 * MIB,
                        512 * MIB,
                        512 * MIB,
                        new Usable(2 * MIB, Duration.ZERO),
                        new Strain(5000, 0, 0, Duration.ZERO),
                        false,
                        null,
                        true,
                        Terms.USUAL,
                        VmMemory.Backing.USUAL);
        return new Sight(vm, false, 1024 * MIB, 0, 0);
    }

    private static Growth.Request ask(Growth growth) throws InterruptedException {
        for (int i = 0; i < 100 && growth.due().isEmpty(); i++) {
            growth.decide(List.of(inNeed()), BalloonState.EMPTY);
            Thread.sleep(50);
        }
        return growth.due().getFirst();
    }

    @Test
    void asksUntilItIsAnsweredAndAgainAfterARestart() throws Exception {
        Growth.Request asked = ask(load());
        assertThat(asked.growth().stage()).isEqualTo(Stage.WANTED);

        Growth restarted = load();
        assertThat(restarted.due())
                .singleElement()
                .satisfies(
                        due -> {
                            assertThat(due.growth().requestId())
                                    .isEqualTo(asked.growth().requestId());
                            assertThat(due.growth().stage()).isEqualTo(Stage.HELD);
                        });
        restarted.live(VM, asked.growth().requestId());
        assertThat(restarted.due()).isEmpty();
        restarted.gone(VM, asked.growth().requestId());
        assertThat(load().due()).isEmpty();
    }

    @Test
    void forgetsWhatWasRefused() throws Exception {
        Growth growth = load();
        growth.refused(VM, ask(growth).growth().requestId());
        growth.decide(List.of(inNeed()), BalloonState.EMPTY);

        assertThat(growth.due()).isEmpty();
        assertThat(load().due()).isEmpty();
    }

    @Test
    void doesNotBeginWithAFileThatItCannotRead() throws IOException {
        for (String text : List.of("", "null", "{}", "[null]", "[{\"vmId\":1}]")) {
            Files.writeString(folder.resolve("growth.json"), text);
            assertThatThrownBy(this::load).as(text).isInstanceOf(IOException.class);
        }
    }
}
