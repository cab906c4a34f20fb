package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;

/// The statements of one grant's request, one for one, as a script for pgbench. Rows are like those
/// that the broker wrote for a grant of its own, so the script follows the schema.
final class GrantScript {

    private final Connection database;
    private final StringBuilder script = new StringBuilder();

    private GrantScript(Connection database) {
        this.database = database;
    }

    static Path write(Connection database, Path folder, UUID grant, int lenders)
            throws SQLException, IOException {
        GrantScript made = new GrantScript(database);
        made.compose("'" + grant + "'", lenders);
        Path file = folder.resolve("grant.pgbench");
        Files.writeString(file, made.script);
        return file;
    }

    private void compose(String like, int lenders) throws SQLException {
        line("\\set x random(0, %d)".formatted(lenders - 1));
        line("\\set y (:x + 1 + random(0, %d)) %% %d".formatted(lenders - 2, lenders));
        // Always in one order, as the broker does: two claims never wait for each other.
        line("\\set a least(:x, :y)");
        line("\\set b greatest(:x, :y)");
        // What the broker knows or makes up by itself.
        line(
                "select gen_random_uuid() as g, gen_random_uuid() as o, gen_random_uuid() as k,"
                        + " gen_random_uuid() as c0, gen_random_uuid() as c1, x.id as h0,"
                        + " x.boot_id as b0, y.id as h1, y.boot_id as b1 from hosts x, hosts y"
                        + " where x.name = 'lender-' || :a::text and y.name = 'lender-' || :b::text"
                        + " \\gset");
        line("select * from api_tokens where token_hash = sha256('none');");
        line("begin;");
        line(
                insert(
                                "idempotency_keys",
                                "operation_id = (select id from operations where grant_id = "
                                        + like
                                        + " limit 1)",
                                Map.of("key", ":k", "operation_id", ":o"))
                        + ";");
        line("select recovering_since from ledger_identity where recovering_since is not null;");
        String vm = "(select vm_id from grants where id = " + like + ")";
        line(
                "select * from tenants where id = (select tenant_id from vms where id = %s for key share);"
                        .formatted(vm));
        line("select * from vms where id = " + vm + ";");
        line("select * from hosts where removed_at is null;");
        line("select * from fabric where id = 1;");
        line("select version, document::text from policies order by version desc limit 1;");
        line("select count(*) from tenants where lend_to <> 'EVERYBODY' and deleted_at is null;");
        line(
                insert(
                                "grants",
                                "id = " + like,
                                Map.of(
                                        "id",
                                        ":g",
                                        "serial",
                                        "substr(replace(:g::text, '-', ''), 1, 20)"))
                        + ";");
        for (int leg = 0; leg < 2; leg++) {
            line(
                    ("update regions set state = 'CLAIMED', generation = generation + 1, grant_id ="
                                    + " :g where host_id = :h%1$d and boot_id = :b%1$d and"
                                    + " region_id = any(array(select region_id from regions where"
                                    + " host_id = :h%1$d and boot_id = :b%1$d and state = 'FREE'"
                                    + " order by region_id limit 1 for update skip locked))"
                                    + " returning region_id as r%1$d, generation as n%1$d \\gset")
                            .formatted(leg));
        }
        line(
                "with e as (%s), l as (%s) %s;"
                        .formatted(
                                insert("extents", "grant_id = " + like, Map.of("grant_id", ":g")),
                                lenders(like),
                                legs(like)));
        line(
                insert("operations", "grant_id = " + like, Map.of("id", ":o", "grant_id", ":g"))
                        + ";");
        commands(like);
        line(
                "with e as (%s) %s;"
                        .formatted(
                                insert("events", "grant_id = " + like, Map.of("grant_id", ":g")),
                                insert("audit", "object = 'grant/' || " + like, Map.of())));
        line("commit;");
    }

    private String lenders(String like) throws SQLException {
        return rows(
                "lenders",
                leg -> "grant_id = %s and share = %d".formatted(like, leg),
                leg -> Map.of("grant_id", ":g", "host_id", ":h" + leg, "boot_id", ":b" + leg));
    }

    private String legs(String like) throws SQLException {
        return rows(
                "legs",
                leg -> "grant_id = %s and leg_index = %d".formatted(like, leg),
                leg ->
                        Map.of(
                                "grant_id", ":g",
                                "host_id", ":h" + leg,
                                "boot_id", ":b" + leg,
                                "region_id", ":r" + leg,
                                "generation", ":n" + leg));
    }

    /// A command for each host under the host's next number, in one statement.
    private void commands(String like) throws SQLException {
        List<String> rows = new ArrayList<>();
        List<String> columns = List.of();
        for (int leg = 0; leg < 2; leg++) {
            Map<String, String> values =
                    row("commands", "grant_id = %s order by id offset %d".formatted(like, leg));
            values.remove("sequence");
            values.putAll(Map.of("id", ":c" + leg, "host_id", ":h" + leg, "grant_id", ":g"));
            columns = List.copyOf(values.keySet());
            rows.add("(" + String.join(", ", typed(values)) + ")");
        }
        String names = String.join(", ", columns);
        line(
                ("with numbered as (update hosts set command_revision = command_revision + 1"
                                + " where id in (:h0, :h1) returning id, command_revision)"
                                + " insert into commands (%s, sequence) select %s, n.command_revision"
                                + " from (values %s) as c (%s) join numbered n on n.id = c.host_id;")
                        .formatted(
                                names,
                                "c." + String.join(", c.", columns),
                                String.join(", ", rows),
                                names));
    }

    /// Literals of a select have no type of their own.
    private static List<String> typed(Map<String, String> values) {
        return values.entrySet().stream()
                .map(
                        value ->
                                switch (value.getKey()) {
                                    case "id", "host_id", "grant_id" -> value.getValue() + "::uuid";
                                    case "body" -> value.getValue() + "::jsonb";
                                    case "created_at", "answered_at" ->
                                            value.getValue() + "::timestamptz";
                                    default -> value.getValue();
                                })
                .toList();
    }

    /// The rows of both legs.
    private String rows(
            String table, IntFunction<String> where, IntFunction<Map<String, String>> others)
            throws SQLException {
        List<String> rows = new ArrayList<>();
        List<String> columns = List.of();
        for (int leg = 0; leg < 2; leg++) {
            Map<String, String> values = row(table, where.apply(leg));
            values.putAll(others.apply(leg));
            columns = List.copyOf(values.keySet());
            rows.add("(" + String.join(", ", values.values()) + ")");
        }
        return "insert into %s (%s) values %s"
                .formatted(table, String.join(", ", columns), String.join(", ", rows));
    }

    private String insert(String table, String like, Map<String, String> others)
            throws SQLException {
        Map<String, String> values = row(table, like);
        values.putAll(others);
        return "insert into %s (%s) values (%s)"
                .formatted(
                        table,
                        String.join(", ", values.keySet()),
                        String.join(", ", values.values()));
    }

    /// The columns of a row with their values as literals.
    private Map<String, String> row(String table, String where) throws SQLException {
        Map<String, String> values = new LinkedHashMap<>();
        try (PreparedStatement columns =
                database.prepareStatement(
                        "select quote_ident(attname) from pg_attribute where attrelid = ?::regclass"
                                + " and attnum > 0 and not attisdropped and attgenerated = ''"
                                + " order by attnum")) {
            columns.setString(1, table);
            try (ResultSet names = columns.executeQuery()) {
                while (names.next()) {
                    values.put(names.getString(1), "");
                }
            }
        }
        List<String> literals =
                values.keySet().stream().map(c -> "quote_nullable(%s::text)".formatted(c)).toList();
        try (PreparedStatement select =
                        database.prepareStatement(
                                "select %s from %s where %s"
                                        .formatted(String.join(", ", literals), table, where));
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("no row of " + table + " where " + where);
            }
            int column = 0;
            for (String name : List.copyOf(values.keySet())) {
                values.put(name, withoutVariables(row.getString(++column)));
            }
        }
        return values;
    }

    /// pgbench takes a colon before a word for a variable, inside of literals too.
    private static String withoutVariables(String literal) {
        if (literal.indexOf(':') < 0) {
            return literal;
        }
        return (literal.startsWith("E") ? "" : "E") + literal.replace(":", "\\x3a");
    }

    private void line(String text) {
        script.append(text).append('\n');
    }
}
