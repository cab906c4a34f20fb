package io.memfabric.broker.web;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A list in SQL: filters that were named, and a key that orders it and that pages follow. Each
/// filter is a condition of its own, so that the database can plan for those that are there.
public final class ListQuery {

    private final String select;
    private final List<String> key;
    private final boolean descending;
    private final StringBuilder conditions;
    private final List<Object> values = new ArrayList<>();

    /// A list by its key.
    ///
    /// @param select the columns and tables, and conditions that always hold where there are any
    /// @param key a column, or several with commas between them
    /// @param order `asc`, `desc` or null for `asc`
    public ListQuery(String select, String key, @Nullable String order) {
        this.select = select;
        this.conditions = new StringBuilder(select.contains(" where ") ? "" : " where true");
        this.key = List.of(key.split(", ", -1));
        this.descending = isDescending(order);
    }

    /// What the parameter `order` says.
    public static boolean isDescending(@Nullable String order) {
        if (order == null || order.equals("asc")) {
            return false;
        }
        if (order.equals("desc")) {
            return true;
        }
        throw new Problem(ProblemCode.INVALID_ORDER, "order must be asc or desc.");
    }

    /// Adds a condition with one parameter where there is a value for it.
    public ListQuery where(String condition, @Nullable Object value) {
        if (value != null) {
            conditions.append(" and ").append(condition);
            values.add(value);
        }
        return this;
    }

    /// Adds a condition that one of these values holds, where there are any.
    public ListQuery whereOneOf(String column, @Nullable Collection<?> wanted) {
        return where(
                column + " = any(?)",
                wanted == null || wanted.isEmpty()
                        ? null
                        : wanted.stream().map(String::valueOf).toArray(String[]::new));
    }

    /// The rows after a key.
    ///
    /// @param after the value of the key, a list of them where it has several columns, or null
    public JdbcClient.StatementSpec rows(JdbcClient jdbc, @Nullable Object after, int limit) {
        if (after != null) {
            conditions
                    .append(" and (")
                    .append(String.join(", ", key))
                    .append(descending ? ") < (" : ") > (")
                    .append(String.join(", ", Collections.nCopies(key.size(), "?")))
                    .append(")");
            values.addAll(after instanceof List<?> several ? several : List.of(after));
        }
        String direction = descending ? " desc" : "";
        return jdbc.sql(
                        select
                                + conditions
                                + " order by "
                                + String.join(direction + ", ", key)
                                + direction
                                + " limit "
                                + limit)
                .params(values);
    }
}
