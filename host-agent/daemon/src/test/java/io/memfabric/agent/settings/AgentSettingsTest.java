package io.memfabric.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AgentSettingsTest {

    private static final String GOOD =
            "broker.url=https://10.0.0.1:8080\ndata.listen=10.0.0.5:7450\nhost.name=a\n";

    @TempDir private Path folder;

    private AgentSettings load(String text) throws IOException, SettingsException {
        Path file = folder.resolve("agent.properties");
        Files.writeString(file, text);
        return AgentSettings.load(file, MemorySize.ofGib(16));
    }

    private void assertRefused(String text, String message) {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> load(text))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void fillsInWhatIsNotSaid() throws IOException, SettingsException {
        AgentSettings settings = load(GOOD);

        assertThat(settings.dataAdvertise()).isEqualTo("10.0.0.5:7450");
        assertThat(settings.libvirtUri()).isEqualTo("qemu:///system");
        assertThat(settings.reserve()).isEqualTo(MemorySize.ofGib(1));
        assertThat(settings.floor()).isEqualTo(MemorySize.ofMib(256));
        assertThat(settings.joinTokenFile()).isEmpty();
        assertThat(settings.sealing()).isTrue();
    }

    @Test
    void usesRdmaAtTheNextPortUnlessToldOtherwise() throws IOException, SettingsException {
        RdmaSettings usual = load(GOOD).rdma();
        assertThat(usual.use()).isEqualTo(RdmaSettings.Use.AUTO);
        assertThat(usual.listen()).contains(new InetSocketAddress("10.0.0.5", 7451));
        assertThat(usual.library()).isEmpty();
        RdmaSettings told =
                load(GOOD
                                + "data.rdma=required\ndata.rdma-listen=10.1.0.5:9\n"
                                + "data.rdma-library=/usr/lib/libdisni.so\n")
                        .rdma();
        assertThat(told.use()).isEqualTo(RdmaSettings.Use.REQUIRED);
        assertThat(told.listen()).contains(new InetSocketAddress("10.1.0.5", 9));
        assertThat(told.library()).contains(Path.of("/usr/lib/libdisni.so"));
        assertRefused(GOOD + "data.rdma=yes\n", "data.rdma must be auto, off or required");
        assertRefused(GOOD + "data.rdma-listen=0.0.0.0:9\n", "one IPv4 address of an RDMA device");
        assertRefused(GOOD + "data.rdma-listen=[::1]:9\n", "one IPv4 address of an RDMA device");
        assertRefused(GOOD + "data.rdma-library=lib.so\n", "must be an absolute path");
        // A region's size is no setting, so none can be larger than a registration.
        assertRefused(GOOD + "data.region-bytes=4294967296\n", "unknown key data.region-bytes");
    }

    @Test
    void sealsUnlessToldNotTo() throws IOException, SettingsException {
        assertThat(load(GOOD + "borrow.sealing=on\n").sealing()).isTrue();
        assertThat(load(GOOD + "borrow.sealing=off\n").sealing()).isFalse();
    }

    @Test
    void spillsOnlyWhereItIsToldTo() throws IOException, SettingsException {
        assertThat(load(GOOD).spill()).isEmpty();
        assertThat(load(GOOD + "spill.dir=/srv/spill\nspill.bytes=1099511627776\n").spill())
                .contains(new SpillSettings(Path.of("/srv/spill"), MemorySize.ofGib(1024)));
        assertThatThrownBy(() -> load(GOOD + "spill.dir=/srv/spill\n"))
                .hasMessage("spill.dir and spill.bytes need each other");
        assertThatThrownBy(() -> load(GOOD + "spill.bytes=1099511627776\n"))
                .hasMessage("spill.dir and spill.bytes need each other");
        assertThatThrownBy(() -> load(GOOD + "spill.dir=/srv/spill\nspill.bytes=4096\n"))
                .hasMessageContaining("spill.bytes must be");
        assertThatThrownBy(
                        () ->
                                load(
                                        GOOD
                                                + "spill.dir=/s\nspill.bytes=67108864\n"
                                                + "borrow.sealing=off\n"))
                .hasMessage("spill.dir needs borrow.sealing=on");
    }

    @Test
    void letsOthersThanQemuInOnlyWhenTold() throws IOException, SettingsException {
        assertThat(load(GOOD).anyClient()).isFalse();
        assertThat(load(GOOD + "borrow.clients=qemu\n").anyClient()).isFalse();
        assertThat(load(GOOD + "borrow.clients=any\n").anyClient()).isTrue();
    }

    @Test
    void takesSizesInBytes() throws IOException, SettingsException {
        assertThat(load(GOOD + "harvest.floor-bytes=1048576\n").floor())
                .isEqualTo(MemorySize.ofMib(1));
    }

    @Test
    void suggestsTheKeyThatWasMeant() {
        assertRefused(
                GOOD + "harvest.flor-bytes=1\n",
                "unknown key harvest.flor-bytes; did you mean harvest.floor-bytes?");
    }

    @Test
    void suggestsNothingForAKeyThatIsLikeNone() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> load(GOOD + "colour=blue\n"))
                .withMessage("unknown key colour");
    }

    @Test
    void refusesAKeyThatIsGivenTwice() {
        assertRefused(GOOD + "host.name=b\n", "host.name is given twice");
    }

    @ParameterizedTest
    @CsvSource({
        "host.reserve-bytes, 17179869184, host has only 16 GiB",
        "host.reserve-bytes, 99999999999999999999, larger than any memory",
        "host.reserve-bytes, -1, negative",
        "harvest.floor-bytes, -5, negative",
        "harvest.floor-bytes, 1GiB, number of bytes",
        "harvest.floor-bytes, 1e9, number of bytes",
        "harvest.headroom-bytes, 0, at least 1 MiB",
        "harvest.step-bytes, 4096, at least 1 MiB",
        "borrow.sealing, no, on or off",
        "borrow.clients, root, qemu or any",
        "broker.url, http://10.0.0.1:8080, needs broker.security=trusted-network",
        "broker.security, on, mutual-tls or trusted-network",
        "broker.url, ftp://x, http://host:port",
        "broker.url, 'http://', http://host:port",
        "data.advertise, 10.0.0.5, address:port",
        "data.advertise, 10.0.0.5:0, outside 1 to 65535",
        "data.advertise, 0.0.0.0:7450, one address",
        "libvirt.uri, qemu, a URI",
        "state.dir, relative/path, absolute",
        "host.name, a b, letters"
    })
    void refusesWhatCannotBe(String key, String value, String message) {
        String text =
                GOOD.lines()
                        .filter(l -> !l.startsWith(key + "="))
                        .reduce("", (a, b) -> a + b + "\n");
        assertRefused(text + key + "=" + value + "\n", key);
        assertRefused(text + key + "=" + value + "\n", message);
    }

    @Test
    void wantsAnAddressToAdvertiseWhereItListensEverywhere() {
        assertRefused(
                "broker.url=https://x:1\ndata.listen=0.0.0.0:7450\n", "data.advertise is missing");
    }

    @Test
    void namesWhatIsMissing() {
        assertRefused("data.listen=10.0.0.5:1\n", "broker.url is missing");
        assertRefused("broker.url=https://x:1\n", "data.listen is missing");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> AgentSettings.load(folder.resolve("none"), MemorySize.ofGib(16)))
                .withMessageContaining("does not exist");
    }

    @Test
    void refusesAFileThatIsNotText() throws IOException {
        Path file = folder.resolve("agent.properties");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});

        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> AgentSettings.load(file, MemorySize.ofGib(16)))
                .withMessageContaining("cannot be read");
    }

    @Test
    void explainsEveryKey() {
        for (SettingsKey key : SettingsKey.values()) {
            assertThat(AgentSettings.help()).contains(key.key());
        }
    }
}
