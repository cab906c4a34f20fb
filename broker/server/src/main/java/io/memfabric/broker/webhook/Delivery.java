package io.memfabric.broker.webhook;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.EventView;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import tools.jackson.databind.json.JsonMapper;

/// Sends events to webhooks, to each in their order. An event that does not arrive is sent again, a
/// little later each time, and holds back what comes after it; after a day of that the webhook is
/// stopped and an event says so.
@Component
class Delivery {

    private static final int AT_A_TIME = 16;
    private static final int BATCH = 100;
    private static final int MOST_ATTEMPTS = 300;
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int FIRST_BAD_STATUS = 300;

    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final WebhookRows rows;
    private final Events events;
    private final Ledger ledger;
    private final JsonMapper json;
    private final InstantSource clock;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(ANSWER)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    Delivery(WebhookRows rows, Events events, Ledger ledger, JsonMapper json, InstantSource clock) {
        this.rows = rows;
        this.events = events;
        this.ledger = ledger;
        this.json = json;
        this.clock = clock;
    }

    @Scheduled(fixedDelay = 500)
    void deliver() {
        try {
            Instant now = clock.instant();
            List<WebhookRows.Row> due =
                    ledger.change(() -> rows.take(now, now.plus(LEASE), AT_A_TIME));
            due.forEach(hook -> Thread.ofVirtual().start(() -> serve(hook)));
        } catch (DataAccessException | CannotCreateTransactionException e) {
            LOG.debug("no webhooks can be read now: {}", e.toString());
        }
    }

    /// Sends what there is, until something does not arrive or the lease is nearly over.
    private void serve(WebhookRows.Row hook) {
        Instant end = clock.instant().plus(LEASE).minus(ANSWER.multipliedBy(2));
        Set<String> wanted = hook.typeSet();
        long last = hook.afterEvent();
        try {
            for (EventView event : events.after(last, BATCH, Optional.empty())) {
                if (wanted.isEmpty() || wanted.contains(event.type())) {
                    Optional<String> error = send(hook, event);
                    if (error.isPresent()) {
                        keep(hook, last);
                        fail(hook, event, error.get());
                        return;
                    }
                }
                last = event.id();
                if (clock.instant().isAfter(end)) {
                    break;
                }
            }
            rows.arrived(hook.id(), last, clock.instant());
        } catch (DataAccessException | CannotCreateTransactionException e) {
            LOG.debug("webhook {} waits: {}", hook.id(), e.toString());
        }
    }

    private void keep(WebhookRows.Row hook, long last) {
        if (last != hook.afterEvent()) {
            rows.arrived(hook.id(), last, clock.instant().plus(LEASE));
        }
    }

    private void fail(WebhookRows.Row hook, EventView event, String error) {
        if (hook.attempts() + 1 < MOST_ATTEMPTS) {
            rows.failed(hook.id(), error, clock.instant().plus(pause(hook.attempts())));
            return;
        }
        ledger.run(
                () -> {
                    rows.giveUp(hook.id(), error);
                    events.add(
                            NewEvent.of(
                                    "webhook_stopped",
                                    "Webhook %s did not take event %d: %s"
                                            .formatted(hook.id(), event.id(), error)));
                });
    }

    /// 1, 2, 4 … seconds, at most five minutes.
    static Duration pause(int attempts) {
        Duration pause = Duration.ofSeconds(1L << Math.min(attempts, 16));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    private Optional<String> send(WebhookRows.Row hook, EventView event) {
        String id = "event-" + event.id();
        String body = json.writeValueAsString(cloudEvent(event));
        long seconds = clock.instant().getEpochSecond();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(hook.url()))
                        .timeout(ANSWER)
                        .header("Content-Type", "application/cloudevents+json")
                        .header("webhook-id", id)
                        .header("webhook-timestamp", Long.toString(seconds))
                        .header("webhook-signature", Signature.of(hook.secret(), id, seconds, body))
                        .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                        .build();
        try {
            int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status < FIRST_BAD_STATUS
                    ? Optional.empty()
                    : Optional.of("It answered " + status + ".");
        } catch (IOException e) {
            return Optional.of("It cannot be reached: " + e.getClass().getSimpleName() + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("The broker stopped.");
        }
    }

    private static Map<String, Object> cloudEvent(EventView event) {
        Map<String, Object> cloud = new LinkedHashMap<>();
        cloud.put("specversion", "1.0");
        cloud.put("id", Long.toString(event.id()));
        cloud.put("source", "/memfabric/broker");
        cloud.put("type", "io.memfabric." + event.type());
        cloud.put("time", event.at().toString());
        if (event.grantId() != null) {
            cloud.put("subject", "grants/" + event.grantId());
        }
        cloud.put("datacontenttype", "application/json");
        cloud.put("data", event);
        return cloud;
    }
}
