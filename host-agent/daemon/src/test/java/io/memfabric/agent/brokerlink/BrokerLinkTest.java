package io.memfabric.agent.brokerlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerLinkTest {

    private static final String ENROLL = "/agent/v1/enroll";
    private static final String DECISIONS = "/agent/v1/decisions";
    private static final String REPORTS = "/agent/v1/reports";
    private static final String INVENTORIES = "/agent/v1/inventories";
    private static final String COMMANDS = "/agent/v1/commands";
    private static final String CERTIFICATES = "/agent/v1/certificates";
    private static final String RESULTS = "/agent/v1/results";
    private static final LinkTiming QUICK =
            new LinkTiming(
                    Duration.ofMillis(5),
                    Duration.ofHours(1),
                    Duration.ofMillis(1),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(2),
                    Duration.ofMillis(10),
                    Duration.ofMillis(5));

    @TempDir private Path folder;

    private final FakeHost host = new FakeHost();
    private FakeBroker broker;
    private HostCertificates certificates;
    private BrokerLink link;

    @BeforeEach
    void open() throws IOException {
        broker = new FakeBroker();
        Files.writeString(folder.resolve("token"), "join-secret\n");
        certificates =
                HostCertificates.load(folder.resolve("certificate.pem"), InstantSource.system());
        link = link(Optional.of(folder.resolve("token")));
    }

    private BrokerLink link(Optional<Path> token) {
        return link(token, QUICK);
    }

    private BrokerLink link(Optional<Path> token, LinkTiming timing) {
        return new BrokerLink(
                new BrokerLink.Enrollment(
                        List.of(broker.uri()),
                        token,
                        folder.resolve("identity.json"),
                        new BrokerLink.Host("a", "10.0.0.5:7450", "1"),
                        certificates,
                        new BrokerLink.Security(false, Optional.empty())),
                host,
                timing);
    }

    @AfterEach
    void close() {
        link.close();
        broker.close();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not seen: " + what);
            }
            Thread.onSpinWait();
        }
    }

    private void awaitCalls(String path, int count) {
        await(count + " calls of " + path, () -> broker.calls(path).size() >= count);
    }

    @Test
    void enrollsOnceAndKeepsItsIdentityToItself() throws IOException {
        link.start();
        awaitCalls(REPORTS, 2);

        assertThat(broker.calls(ENROLL))
                .singleElement()
                .satisfies(call -> assertThat(call.bearer()).isEqualTo("Bearer join-secret"));
        assertThat(broker.calls(REPORTS).getFirst().bearer()).isEqualTo("Bearer agent-secret");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("identity.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void hasACertificateOnceItHasEnrolledAndKeepsItsKeyToItself() throws IOException {
        link.start();
        awaitCalls(REPORTS, 1);

        assertThat(certificates.context()).isPresent();
        assertThat(broker.calls(CERTIFICATES)).isEmpty();
        Path kept = folder.resolve("certificate.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
        assertThat(HostCertificates.load(kept, InstantSource.system()).context()).isPresent();
    }

    @Test
    void asksForACertificateWhereAnEarlierAgentEnrolledWithoutOne() throws IOException {
        new AgentIdentity(FakeBroker.HOST, "agent-secret", null)
                .store(folder.resolve("identity.json"));
        broker.next(CERTIFICATES, 503, "");
        link.start();
        await("a certificate", () -> certificates.context().isPresent());

        assertThat(broker.calls(ENROLL)).isEmpty();
        assertThat(broker.calls(CERTIFICATES)).hasSize(2);
        assertThat(broker.calls(CERTIFICATES).getLast().bearer()).isEqualTo("Bearer agent-secret");
    }

    @Test
    void enrollsNoMoreOnceItHasAnIdentity() throws IOException {
        link.start();
        awaitCalls(REPORTS, 1);
        link.close();
        link = link(Optional.empty());
        int before = broker.calls(REPORTS).size();
        link.start();
        awaitCalls(REPORTS, before + 2);

        assertThat(broker.calls(ENROLL)).hasSize(1);
    }

    @Test
    void triesToEnrollUntilItIsLetIn() throws IOException {
        broker.next(ENROLL, 503, "");
        broker.next(ENROLL, 401, "{\"code\":\"join_token_unknown\",\"detail\":\"no\"}");
        broker.next(ENROLL, 201, "{\"surprise\":1}");
        link.start();
        awaitCalls(REPORTS, 1);

        assertThat(broker.calls(ENROLL)).hasSize(4);
    }

    @Test
    void doesNotStartWithoutIdentityAndToken() {
        link = link(Optional.empty());

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> link.start())
                .withMessageContaining("broker.join-token-file");
    }

    @Test
    void doesNotStartWithAnIdentityThatOthersCanRead() throws IOException {
        Path identity = folder.resolve("identity.json");
        Files.writeString(identity, "{}");
        Files.setPosixFilePermissions(identity, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> link.start())
                .withMessageContaining("can be read by others");
    }

    @Test
    void handsOverWhatTheBrokerSays() throws IOException {
        link.start();
        await("a reply", () -> !host.replies.isEmpty());

        assertThat(host.replies.getFirst())
                .isEqualTo(new ReportReply(HarvestMode.HARVEST, 1000, false, null, 0, false));
    }

    @Test
    void tellsEachDecisionOnceAndAllAgainToABrokerThatComesBack() throws IOException {
        host.decided.add(FakeHost.decision(1));
        link.start();
        awaitCalls(DECISIONS, 1);
        host.decided.add(FakeHost.decision(2));
        awaitCalls(DECISIONS, 2);
        assertThat(broker.calls(DECISIONS).getLast().body()).doesNotContain("\"sequence\":1,");

        broker.next(REPORTS, 503, "");
        awaitCalls(DECISIONS, 3);
        assertThat(broker.calls(DECISIONS).getLast().body())
                .contains("\"sequence\":1,")
                .contains("\"sequence\":2,");
    }

    @Test
    void asksForGrowthAndTellsWhatTheBrokerSaid() throws IOException {
        UUID grant = new UUID(0, 9);
        broker.usually(
                "/agent/v1/growth",
                200,
                "{\"grantId\":\"%s\",\"state\":\"LIVE\"}".formatted(grant));
        String path = "/agent/v1/growth/" + FakeHost.BOOT;
        broker.usually(path, 200, "{\"grantId\":\"%s\",\"state\":\"LEAVING\"}".formatted(grant));
        host.errands.add(errand(FakeHost.BOOT, GrowthErrand.Kind.ASK));
        host.errands.add(errand(FakeHost.BOOT, GrowthErrand.Kind.GIVE_BACK));
        host.errands.add(errand(grant, GrowthErrand.Kind.LOOK));
        link.start();

        await("three answers", () -> host.answers.size() == 3);
        assertThat(host.answers)
                .isEqualTo(
                        Map.of(
                                GrowthErrand.Kind.ASK, GrowthErrand.Answer.LIVE,
                                GrowthErrand.Kind.GIVE_BACK, GrowthErrand.Answer.LEAVING,
                                GrowthErrand.Kind.LOOK, GrowthErrand.Answer.GONE));
        assertThat(broker.calls(path)).extracting(FakeBroker.Call::method).contains("DELETE");
    }

    @Test
    void takesARefusalOfGrowthForAnAnswerAndAnOutageForNone() throws IOException {
        broker.next("/agent/v1/growth", 503, "");
        broker.next("/agent/v1/growth", 409, "{\"code\":\"growth_limit_reached\"}");
        host.errands.add(errand(FakeHost.BOOT, GrowthErrand.Kind.ASK));
        link.start();

        await("an answer", () -> !host.answers.isEmpty());
        assertThat(host.answers)
                .isEqualTo(Map.of(GrowthErrand.Kind.ASK, GrowthErrand.Answer.REFUSED));
        assertThat(broker.calls("/agent/v1/growth")).hasSize(2);
    }

    private static GrowthErrand errand(UUID requestId, GrowthErrand.Kind kind) {
        return new GrowthErrand(requestId, FakeHost.BOOT, 1 << 26, kind);
    }

    @Test
    void sendsAnInventoryAtConnectAndWhenAskedAndOnEveryChange() throws IOException {
        link.start();
        awaitCalls(INVENTORIES, 1);
        broker.next(
                REPORTS,
                200,
                """
                {"mode":"PAUSE","lendLimitBytes":0,"inventoryWanted":true,
                 "term":0,"moveOn":false}""");
        awaitCalls(INVENTORIES, 2);
        link.inventoryChanged();
        awaitCalls(INVENTORIES, 3);
        int reports = broker.calls(REPORTS).size();
        awaitCalls(REPORTS, reports + 5);

        assertThat(broker.calls(INVENTORIES)).hasSize(3);
    }

    @Test
    void tellsAChangeWithoutWaitingForTheNextReport() throws IOException {
        Duration never = Duration.ofHours(1);
        LinkTiming rare =
                new LinkTiming(
                        never,
                        never,
                        QUICK.gather(),
                        QUICK.commandWait(),
                        QUICK.firstRetry(),
                        QUICK.lastRetry(),
                        QUICK.refused());
        link = link(Optional.of(folder.resolve("token")), rare);
        link.start();
        awaitCalls(INVENTORIES, 1);
        link.inventoryChanged();
        awaitCalls(INVENTORIES, 2);
        link.inventoryChanged();
        awaitCalls(INVENTORIES, 3);

        assertThat(broker.calls(REPORTS)).hasSize(1);
    }

    @Test
    void goesOnAsUsualWithABrokerThatWantsNoDecisions() throws IOException {
        broker.usually(DECISIONS, 404, "");
        host.decided.add(FakeHost.decision(1));
        link.start();
        awaitCalls(REPORTS, 10);

        assertThat(broker.calls(DECISIONS)).hasSize(1);
        assertThat(broker.calls(INVENTORIES)).hasSize(1);
    }

    @Test
    void goesOnReportingAfterTheBrokerWasAway() throws IOException {
        link.start();
        awaitCalls(REPORTS, 1);
        broker.next(REPORTS, 503, "");
        broker.next(REPORTS, 500, "<html>");
        broker.next(REPORTS, 200, "not json");
        broker.next(REPORTS, 401, "");
        int before = host.replies.size();
        await("more replies", () -> host.replies.size() > before + 5);
    }

    @Test
    void survivesAHostThatCannotReport() throws IOException {
        host.broken = true;
        link.start();
        awaitCalls(COMMANDS, 3);
        host.broken = false;
        awaitCalls(REPORTS, 1);
    }

    @Test
    void takesCommandsAndAsksForTheNextRevision() throws IOException {
        DetachGrant command = new DetachGrant(new UUID(0, 1), new UUID(0, 2), 3, new UUID(0, 4));
        broker.usually(COMMANDS, 200, "{\"revision\":5,\"term\":0,\"commands\":[]}");
        broker.next(
                COMMANDS,
                200,
                """
                {"revision":5,"term":0,"commands":[{"kind":"detach-grant",
                "commandId":"00000000-0000-0000-0000-000000000001",
                "grantId":"00000000-0000-0000-0000-000000000002","epoch":3,
                "vmId":"00000000-0000-0000-0000-000000000004"}]}""");
        link.start();
        awaitCalls(COMMANDS, 2);

        assertThat(host.commands).containsExactly(command);
        assertThat(broker.calls(COMMANDS).get(0).query()).isEqualTo("revision=0&wait=1");
        assertThat(broker.calls(COMMANDS).get(1).query()).isEqualTo("revision=5&wait=1");
    }

    @Test
    void takesNothingFromABrokerOfAnOlderTerm() throws IOException {
        broker.next(COMMANDS, 200, "{\"revision\":4,\"term\":8,\"commands\":[]}");
        broker.next(
                COMMANDS,
                200,
                """
                {"revision":5,"term":7,"commands":[{"kind":"detach-grant",
                "commandId":"00000000-0000-0000-0000-000000000001",
                "grantId":"00000000-0000-0000-0000-000000000002","epoch":3,
                "vmId":"00000000-0000-0000-0000-000000000004"}]}""");
        broker.usually(COMMANDS, 200, "{\"revision\":4,\"term\":8,\"commands\":[]}");
        link.start();
        awaitCalls(COMMANDS, 4);

        assertThat(host.commands).isEmpty();
    }

    @Test
    void refusesACommandThatItDoesNotUnderstand() throws IOException {
        broker.next(
                COMMANDS,
                200,
                "{\"revision\":9,\"term\":0,\"commands\":[{\"kind\":\"detach-grant\",\"force\":true}]}");
        link.start();
        awaitCalls(COMMANDS, 3);

        assertThat(host.commands).isEmpty();
        assertThat(broker.calls(COMMANDS).get(1).query()).isEqualTo("revision=0&wait=1");
    }

    @Test
    void deliversAResultUntilItIsAccepted() throws IOException {
        broker.next(RESULTS, 503, "");
        broker.next(RESULTS, 401, "");
        broker.next(RESULTS, 429, "");
        link.start();
        link.answer(CommandResult.refused(new UUID(0, 1), "guest_refused", "no"));
        awaitCalls(RESULTS, 4);
        link.answer(CommandResult.done(new UUID(0, 2)));
        awaitCalls(RESULTS, 5);

        assertThat(broker.calls(RESULTS).get(3).body()).contains("guest_refused");
        assertThat(broker.calls(RESULTS).get(4).body()).contains("DONE");
    }

    @Test
    void givesUpAResultThatTheBrokerWillNeverWant() throws IOException {
        broker.next(RESULTS, 404, "");
        link.start();
        link.answer(CommandResult.done(new UUID(0, 1)));
        link.answer(CommandResult.done(new UUID(0, 2)));
        awaitCalls(RESULTS, 2);

        assertThat(broker.calls(RESULTS).get(1).body()).contains(new UUID(0, 2).toString());
    }
}
