package io.memfabric.broker.event;

import io.memfabric.broker.database.Bells;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import tools.jackson.databind.json.JsonMapper;

/// The newest events, read from the ledger and written as text once for all who watch. Who is
/// further behind reads the ledger himself.
@Component
class EventTail implements SmartLifecycle {

    private static final int KEPT = 4096;
    private static final int BATCH = 500;

    /// How soon events of another broker on the same ledger are seen.
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(EventTail.class);

    private final Events events;
    private final Bells bells;
    private final JsonMapper json;

    private final ArrayDeque<Line> newest = new ArrayDeque<>();
    private CompletableFuture<Void> more = new CompletableFuture<>();
    private long last;
    private volatile boolean running;

    EventTail(Events events, Bells bells, JsonMapper json) {
        this.events = events;
        this.bells = bells;
        this.json = json;
    }

    /// An event as a watcher gets it.
    record Line(long id, Optional<UUID> tenantId, String text) {

        boolean isFor(Optional<UUID> reader) {
            return reader.isEmpty() || reader.equals(tenantId);
        }
    }

    /// What came after an event.
    ///
    /// @param last where the next question begins: the last event that was looked at
    record News(List<Line> lines, long last) {}

    /// What a tenant, or everybody, may see after an event; nothing where nothing came in time.
    News after(long id, Optional<UUID> reader, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        long from = id;
        while (running && !bells.isClosed()) {
            CompletableFuture<Void> waiting;
            long known;
            List<Line> lines;
            synchronized (newest) {
                waiting = more;
                known = last;
                lines = reachesBackTo(from) ? kept(from, reader) : null;
            }
            if (lines == null) {
                // Numbers become visible in their order: the ledger shows all up to `known`.
                lines = events.after(from, BATCH, reader).stream().map(this::line).toList();
                if (lines.size() == BATCH) {
                    return new News(lines, lines.getLast().id());
                }
            }
            long seen = lines.isEmpty() ? from : lines.getLast().id();
            from = Math.max(known, seen);
            if (!lines.isEmpty()) {
                return new News(lines, from);
            }
            long left = deadline - System.nanoTime();
            if (left <= 0 || !await(waiting, left)) {
                break;
            }
        }
        return new News(List.of(), from);
    }

    private boolean reachesBackTo(long from) {
        return from >= last || (!newest.isEmpty() && newest.getFirst().id() <= from + 1);
    }

    private List<Line> kept(long from, Optional<UUID> reader) {
        ArrayDeque<Line> lines = new ArrayDeque<>();
        Iterator<Line> backwards = newest.descendingIterator();
        while (backwards.hasNext()) {
            Line line = backwards.next();
            if (line.id() <= from) {
                break;
            }
            if (line.isFor(reader)) {
                lines.addFirst(line);
            }
        }
        return List.copyOf(lines);
    }

    private static boolean await(CompletableFuture<Void> signal, long nanos) {
        try {
            signal.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Line line(EventView event) {
        String text =
                "id: %d\nevent: %s\ndata: %s\n\n"
                        .formatted(event.id(), event.type(), json.writeValueAsString(event));
        return new Line(event.id(), Optional.ofNullable(event.tenantId()), text);
    }

    private void follow() {
        while (running && !bells.isClosed()) {
            try {
                bells.await(
                                Events.BELL,
                                LOOK,
                                () ->
                                        Optional.of(events.after(last(), BATCH, Optional.empty()))
                                                .filter(found -> !found.isEmpty()))
                        .ifPresent(this::take);
            } catch (DataAccessException | CannotCreateTransactionException e) {
                LOG.debug("no events can be read now: {}", e.toString());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long last() {
        synchronized (newest) {
            return last;
        }
    }

    private void take(List<EventView> found) {
        List<Line> lines = found.stream().map(this::line).toList();
        CompletableFuture<Void> signal;
        synchronized (newest) {
            newest.addAll(lines);
            while (newest.size() > KEPT) {
                newest.removeFirst();
            }
            last = lines.getLast().id();
            signal = more;
            more = new CompletableFuture<>();
        }
        signal.complete(null);
    }

    @Override
    public void start() {
        synchronized (newest) {
            last = events.last();
        }
        running = true;
        Thread.ofVirtual().name("event-tail").start(this::follow);
    }

    @Override
    public void stop() {
        running = false;
        CompletableFuture<Void> signal;
        synchronized (newest) {
            signal = more;
        }
        signal.complete(null);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
