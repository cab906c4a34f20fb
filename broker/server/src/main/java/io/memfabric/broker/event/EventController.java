package io.memfabric.broker.event;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Bells;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class EventController {

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(EventController.class);

    private final Events events;
    private final Bells bells;
    private final EventTail tail;

    EventController(Events events, Bells bells, EventTail tail) {
        this.events = events;
        this.bells = bells;
        this.tail = tail;
    }

    /// Which events a page is to have, as the request says.
    record EventQuery(
            @Nullable Long after,
            @Nullable Boolean newest,
            @Nullable UUID hostId,
            @Nullable UUID vmId,
            @Nullable UUID grantId) {

        boolean backwards() {
            return Boolean.TRUE.equals(newest);
        }

        long start() {
            return after != null ? after : backwards() ? Long.MAX_VALUE : 0;
        }
    }

    @GetMapping(path = "/api/v1/events", produces = MediaType.APPLICATION_JSON_VALUE)
    Page<EventView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            EventQuery wanted,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        long from = query.after() == null ? wanted.start() : number(query.after());
        EventFilter filter =
                new EventFilter(
                        from,
                        wanted.backwards(),
                        wanted.hostId(),
                        wanted.vmId(),
                        wanted.grantId(),
                        caller.onlyTenant());
        return Page.of(
                query,
                events.page(filter, query.limit()),
                event -> Long.toString(event.id()),
                event -> event);
    }

    /// The same list without an end, as server-sent events. A virtual thread of its own writes them:
    /// unlike the request's it has no filters and no dispatching on its stack, which counts where
    /// thousands wait. It ends with the client or with the broker.
    @GetMapping(path = "/api/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    void stream(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestParam(defaultValue = "0") long after,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            HttpServletRequest request,
            HttpServletResponse response) {
        long last = lastEventId == null ? after : number(lastEventId);
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        AsyncContext open = request.startAsync();
        open.setTimeout(0);
        Thread.ofVirtual()
                .name("events")
                .start(
                        () -> {
                            try {
                                write(response.getOutputStream(), caller.onlyTenant(), last);
                            } catch (IOException | DataAccessException e) {
                                LOG.debug("a reader of events is left: {}", e.toString());
                            } finally {
                                open.complete();
                            }
                        });
    }

    private void write(OutputStream out, Optional<UUID> tenant, long after) throws IOException {
        long last = after;
        send(out, ": memfabric events\n\n");
        while (tail.isRunning() && !bells.isClosed()) {
            EventTail.News news = tail.after(last, tenant, HEARTBEAT);
            last = news.last();
            for (EventTail.Line line : news.lines()) {
                out.write(line.text().getBytes(StandardCharsets.UTF_8));
            }
            if (news.lines().isEmpty()) {
                send(out, ": still here\n\n");
            }
            out.flush();
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Problem(ProblemCode.INVALID_EVENT_ID, "Not the number of an event.");
        }
    }
}
