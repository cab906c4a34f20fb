package io.memfabric.broker.database;

import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient.MappedQuerySpec;

/// The rows of a query whose rows are never null.
public final class Rows {

    private Rows() {}

    public static <T> List<T> of(MappedQuerySpec<T> query) {
        return query.list().stream().map(row -> Objects.requireNonNull(row)).toList();
    }
}
