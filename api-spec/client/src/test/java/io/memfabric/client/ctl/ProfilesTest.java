package io.memfabric.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.client.FabricException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file with the brokers that an operator works with.
class ProfilesTest {

    @TempDir Path folder = Path.of("");

    @Test
    void namesABrokerItsTokenAndTheStandardOne() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "secret\n");
        Profiles profiles =
                profiles(
                        """
                        default = lab
                        lab.url = http://127.0.0.1:7070
                        lab.token-file = %1$s
                        far.url = https://broker.test
                        far.token-file = %1$s
                        """
                                .formatted(token));
        assertThat(profiles.names()).containsExactly("far", "lab");
        assertThat(profiles.standard()).isEqualTo("lab");
        assertThat(profiles.named("lab").url().toString()).isEqualTo("http://127.0.0.1:7070");
        assertThat(profiles.named("lab").token()).isEqualTo("secret");
    }

    @Test
    void saysWhatAProfileLacks() throws IOException {
        Profiles profiles = profiles("half.url = http://127.0.0.1:7070\n");
        assertThatThrownBy(() -> profiles.named("half"))
                .isInstanceOf(FabricException.class)
                .hasMessageContaining("half.token-file");
        assertThatThrownBy(() -> profiles.named("nobody")).hasMessageContaining("nobody.url");
        assertThat(new Profiles(Map.of("XDG_CONFIG_HOME", folder + "/none")).names()).isEmpty();
    }

    private Profiles profiles(String text) throws IOException {
        Path file = folder.resolve("memfabric/profiles.properties");
        Files.createDirectories(folder.resolve("memfabric"));
        Files.writeString(file, text);
        return new Profiles(Map.of("XDG_CONFIG_HOME", folder.toString()));
    }
}
