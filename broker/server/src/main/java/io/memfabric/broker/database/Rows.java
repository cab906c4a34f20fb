package io.memfabric.broker.database;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.MappedQuerySpec;

/// Rows as sets, out of the ledger and into it.
public final class Rows {

    private Rows() {}

    /// The rows of a query whose rows are never null.
    public static <T> List<T> of(MappedQuerySpec<T> query) {
        return query.list().stream().map(row -> Objects.requireNonNull(row)).toList();
    }

    /// One column of rows to write, as a parameter of `unnest`.
    public static <R, T extends @Nullable Object> T[] column(
            List<R> rows, Function<R, T> value, IntFunction<T[]> array) {
        return rows.stream().map(value).toArray(array);
    }
}
