package io.memfabric.broker.invariant;

import io.memfabric.broker.database.Rows;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/// Holds the ledger against its rules. One statement, so that all rules see one moment.
@Service
public class Invariants {

    private static final int SHOWN_OF_A_RULE = 20;

    private final JdbcClient jdbc;
    private final String breaches;

    Invariants(JdbcClient jdbc, List<Invariant> rules) {
        this.jdbc = jdbc;
        this.breaches =
                rules.stream().map(Invariants::limited).collect(Collectors.joining(" union all "));
    }

    private static String limited(Invariant rule) {
        return "(select '%s'::text as rule, b.* from (%s) as b (subject, detail) limit %d)"
                .formatted(rule.name(), rule.breaches(), SHOWN_OF_A_RULE);
    }

    /// What breaks a rule now; nothing, if all is well.
    public List<Breach> breaches() {
        return Rows.of(jdbc.sql(breaches).query(Breach.class));
    }
}
