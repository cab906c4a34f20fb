package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.contract.agent.VmPolicies;
import io.memfabric.contract.agent.VmPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyBookTest {

    private static final UUID VM = new UUID(0, 1);
    private static final VmPolicy WANTED = new VmPolicy(VM, 1 << 20, 2 << 20, 3, false, 4 << 20);

    @TempDir private Path folder;

    private PolicyBook load() throws IOException {
        return PolicyBook.load(folder.resolve("policies.json"));
    }

    @Test
    void goesByTheLastWordAfterARestart() throws IOException {
        load().take(new VmPolicies("7", List.of(WANTED)));

        assertThat(load().of(VM)).isEqualTo(WANTED);
        assertThat(load().tag()).isEqualTo("7");
    }

    @Test
    void knowsWhatIsUsualWhereNothingWasSaid() throws IOException {
        assertThat(load().of(VM)).isEqualTo(VmPolicy.usual(VM));
        assertThat(load().tag()).isNull();
    }

    @Test
    void forgetsWhatIsNotSaidAnyMore() throws IOException {
        PolicyBook book = load();
        book.take(new VmPolicies("7", List.of(WANTED)));
        book.take(new VmPolicies("8", List.of()));

        assertThat(book.of(VM)).isEqualTo(VmPolicy.usual(VM));
    }

    @Test
    void doesNotBeginWithAFileThatItCannotRead() throws IOException {
        for (String text :
                List.of("", "null", "[]", "{\"tag\":\"7\",\"vms\":[null]}", "{\"tag\":\"\"}")) {
            Files.writeString(folder.resolve("policies.json"), text);
            assertThatThrownBy(this::load).as(text).isInstanceOf(IOException.class);
        }
    }
}
