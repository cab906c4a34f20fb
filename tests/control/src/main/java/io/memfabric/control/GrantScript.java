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

/// The statements of one grant's request as a script for pgbench. Rows are like those that the broker
/// wrote for a grant of its own, so the script follows the schema.
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
        line(
                "select gen_random_uuid() as g, gen_random_uuid() as o, gen_random_uuid() as k,"
                        + " gen_random_uuid() as c0, gen_random_uuid() as c1 \\gset");
        line("select * from api_tokens where token_hash = sha256('none');");
        line("begin;");
        insert(
                "idempotency_keys",
                "operation_id = (select id from operations where grant_id = " + like + " limit 1)",
                Map.of("key", ":k", "operation_id", ":o"));
        line("select * from vms v join grants g on g.vm_id = v.id where g.id = " + like + ";");
        line("select * from hosts;");
        line("select id as h0, boot_id as b0 from hosts where name = 'lender-' || :a::text \\gset");
        line("select id as h1, boot_id as b1 from hosts where name = 'lender-' || :b::text \\gset");
        insert(
                "grants",
                "id = " + like,
                Map.of("id", ":g", "serial", "substr(replace(:g::text, '-', ''), 1, 20)"));
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
        insert("extents", "grant_id = " + like, Map.of("grant_id", ":g"));
        rows(
                "lenders",
                leg -> "grant_id = %s and share = %d".formatted(like, leg),
                leg -> Map.of("grant_id", ":g", "host_id", ":h" + leg, "boot_id", ":b" + leg));
        rows(
                "legs",
                leg -> "grant_id = %s and leg_index = %d".formatted(like, leg),
                leg ->
                        Map.of(
                                "grant_id", ":g",
                                "host_id", ":h" + leg,
                                "boot_id", ":b" + leg,
                                "region_id", ":r" + leg,
                                "generation", ":n" + leg));
        insert("operations", "grant_id = " + like, Map.of("id", ":o", "grant_id", ":g"));
        for (int leg = 0; leg < 2; leg++) {
            line("select * from lenders where grant_id = :g and share = %d;".formatted(leg));
            line("select * from legs where grant_id = :g and share = %d;".formatted(leg));
            command(like, leg);
        }
        insert("events", "grant_id = " + like, Map.of("grant_id", ":g"));
        insert("audit", "object = 'grant/' || " + like, Map.of());
        line("commit;");
    }

    /// A command under its host's next number, in one statement.
    private void command(String like, int leg) throws SQLException {
        Map<String, String> values =
                row("commands", "grant_id = %s order by id offset %d".formatted(like, leg));
        values.putAll(
                Map.of(
                        "id",
                        ":c" + leg,
                        "host_id",
                        ":h" + leg,
                        "sequence",
                        "command_revision",
                        "grant_id",
                        ":g"));
        line(
                ("with numbered as (update hosts set command_revision = command_revision + 1"
                                + " where id = :h%d returning command_revision)"
                                + " insert into commands (%s) select %s from numbered;")
                        .formatted(
                                leg,
                                String.join(", ", values.keySet()),
                                String.join(", ", typed(values))));
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

    /// The rows of both legs in one statement, as the broker writes them.
    private void rows(
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
        line(
                "insert into %s (%s) values %s;"
                        .formatted(table, String.join(", ", columns), String.join(", ", rows)));
    }

    private void insert(String table, String like, Map<String, String> others) throws SQLException {
        Map<String, String> values = row(table, like);
        values.putAll(others);
        line(
                "insert into %s (%s) values (%s);"
                        .formatted(
                                table,
                                String.join(", ", values.keySet()),
                                String.join(", ", values.values())));
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
