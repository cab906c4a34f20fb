package io.memfabric.broker.web;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One page of a list.
///
/// @param nextPageToken what to send for the next page, or null where this is the last
public record Page<T>(List<T> items, @Nullable String nextPageToken) {

    /// Cuts a page from a query that looked for one row more than the page holds.
    public static <R, T> Page<T> of(
            PageQuery query, List<R> rows, Function<R, String> key, Function<R, T> view) {
        boolean more = rows.size() > query.size();
        List<R> kept = more ? rows.subList(0, query.size()) : rows;
        return new Page<>(
                kept.stream().map(view).toList(),
                more ? PageQuery.token(key.apply(kept.getLast())) : null);
    }
}
