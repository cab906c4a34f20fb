package io.memfabric.broker.access;

import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Brings refused callers into the audit trail. Those of one kind and address become one entry with
/// their number, once a second, so that nobody fills the ledger by knocking.
@Component
class Refusals {

    private static final int MOST = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final Audit audit;
    private final Ledger ledger;
    private final Object lock = new Object();
    private Map<Kind, Count> noted = new LinkedHashMap<>();
    private long lost;

    Refusals(Audit audit, Ledger ledger) {
        this.audit = audit;
        this.ledger = ledger;
    }

    private record Kind(String source, String actor, String code) {}

    private record Count(long times, String last) {}

    void note(String source, String actor, String code, String method, String path) {
        Kind kind = new Kind(source, actor, code);
        String what = method + " " + (path.length() > 200 ? path.substring(0, 200) : path);
        synchronized (lock) {
            Count before = noted.get(kind);
            if (before == null && noted.size() >= MOST) {
                lost++;
                return;
            }
            noted.put(kind, new Count(before == null ? 1 : before.times() + 1, what));
        }
    }

    @Scheduled(fixedDelay = 1000)
    void write() {
        List<Map.Entry<Kind, Count>> taken;
        long more;
        synchronized (lock) {
            if (noted.isEmpty()) {
                return;
            }
            taken = new ArrayList<>(noted.entrySet());
            noted = new LinkedHashMap<>();
            more = lost;
            lost = 0;
        }
        try {
            ledger.run(() -> taken.forEach(entry -> add(entry.getKey(), entry.getValue(), more)));
        } catch (RuntimeException e) {
            LOG.warn("{} refusals are not in the audit trail", taken.size(), e);
        }
    }

    private void add(Kind kind, Count count, long more) {
        String others = more == 0 ? "" : ", and " + more + " of other kinds or addresses";
        audit.add(
                new Audit.Entry(
                        "access_refused",
                        null,
                        null,
                        kind.code()
                                + ", "
                                + count.times()
                                + " times, last "
                                + count.last()
                                + others),
                kind.actor(),
                kind.source());
    }
}
