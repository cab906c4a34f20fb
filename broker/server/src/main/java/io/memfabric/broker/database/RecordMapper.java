package io.memfabric.broker.database;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;

/// Makes a record of each row: the component `hostId` is the column `host_id`.
///
/// Spring's own mapper asks the driver for `hostId` first, and for an `Instant` as such, and goes on
/// from the exceptions. Behind a request an exception costs about as much as a short statement, and
/// there is one for each such column of each row.
final class RecordMapper<T> implements RowMapper<@Nullable T> {

    private final Constructor<T> constructor;
    private final List<Column> columns;

    private RecordMapper(Constructor<T> constructor, List<Column> columns) {
        this.constructor = constructor;
        this.columns = columns;
    }

    /// What a component is read with.
    private interface Reader {
        @Nullable Object read(ResultSet row, int index) throws SQLException;
    }

    private record Column(String name, Class<?> type, Reader reader) {
        @Nullable Object of(ResultSet row) throws SQLException {
            Object value = reader.read(row, row.findColumn(name));
            if (value != null && !row.wasNull()) {
                return value;
            }
            if (type.isPrimitive()) {
                throw new SQLException(name + " is null");
            }
            return null;
        }
    }

    static <T> RecordMapper<T> of(Class<T> type) {
        RecordComponent[] components = type.getRecordComponents();
        List<Column> columns =
                Arrays.stream(components)
                        .map(c -> new Column(column(c.getName()), c.getType(), reader(c.getType())))
                        .toList();
        try {
            Constructor<T> constructor =
                    type.getDeclaredConstructor(
                            columns.stream().map(Column::type).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return new RecordMapper<>(constructor, columns);
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(type + " is no record", e);
        }
    }

    static String column(String component) {
        return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Reader reader(Class<?> type) {
        if (type == long.class || type == Long.class) {
            return ResultSet::getLong;
        }
        if (type == int.class || type == Integer.class) {
            return ResultSet::getInt;
        }
        if (type == short.class) {
            return ResultSet::getShort;
        }
        if (type == double.class || type == Double.class) {
            return ResultSet::getDouble;
        }
        if (type == boolean.class || type == Boolean.class) {
            return ResultSet::getBoolean;
        }
        if (type == String.class) {
            return ResultSet::getString;
        }
        if (type == byte[].class) {
            return ResultSet::getBytes;
        }
        if (type == UUID.class) {
            return (row, index) -> row.getObject(index, UUID.class);
        }
        if (type == Instant.class) {
            return (row, index) -> {
                OffsetDateTime at = row.getObject(index, OffsetDateTime.class);
                return at == null ? null : at.toInstant();
            };
        }
        if (type.isEnum()) {
            return (row, index) -> constant(type, row.getString(index));
        }
        throw new IllegalArgumentException("no column is a " + type);
    }

    private static @Nullable Object constant(Class<?> type, @Nullable String name) {
        if (name == null) {
            return null;
        }
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(type + " has no " + name);
    }

    @Override
    public T mapRow(ResultSet row, int number) throws SQLException {
        @Nullable Object[] values = new @Nullable Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = columns.get(i).of(row);
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new SQLException(
                    constructor.getDeclaringClass() + " refuses a row", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
