package io.memfabric.broker.fuzz;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Makes wrong JSON of right JSON.
final class JsonMutator {

    private static final int DEEP = 10_000;

    private final RandomGenerator random;
    private final List<Object> values;

    JsonMutator(RandomGenerator random, List<String> identities) {
        this.random = random;
        values = new ArrayList<>(identities);
        values.addAll(
                List.of(
                        0,
                        1,
                        -1,
                        17,
                        4095,
                        67_108_864L,
                        Integer.MAX_VALUE,
                        Long.MAX_VALUE,
                        Long.MIN_VALUE,
                        BigInteger.TWO.pow(64),
                        BigInteger.TEN.pow(400),
                        1.5,
                        1e300,
                        true,
                        false));
        values.addAll(
                List.of(
                        "",
                        " ",
                        "a\u0000b",
                        "a\u202eb",
                        "\ud800",
                        "<script>alert(1)</script>",
                        "' or 1=1; --",
                        "../../etc/passwd",
                        "x".repeat(300),
                        "x".repeat(20_000),
                        "2026-13-45T99:00:00Z",
                        "+1000000000-01-01T00:00:00Z",
                        "1970-01-01T00:00:00Z",
                        "http://127.0.0.1:9/x",
                        "file:///etc/passwd",
                        "SWAP",
                        "ACTIVE",
                        "admin"));
        values.addAll(List.of(List.of(), Map.of(), List.of(List.of()), Map.of("a", Map.of())));
    }

    /// A value of any kind.
    Object anything() {
        return values.get(random.nextInt(values.size()));
    }

    /// A value like `value`, with one thing changed in it somewhere.
    Object mutate(Object value) {
        if (value instanceof Map<?, ?> map && !map.isEmpty() && random.nextInt(8) > 0) {
            return object(map);
        }
        if (value instanceof List<?> list && !list.isEmpty() && random.nextInt(4) > 0) {
            List<Object> changed = new ArrayList<>(list);
            int at = random.nextInt(changed.size());
            switch (random.nextInt(4)) {
                case 0 -> changed.remove(at);
                case 1 -> changed.add(changed.get(at));
                default -> changed.set(at, mutate(changed.get(at)));
            }
            return changed;
        }
        return anything();
    }

    private Map<String, Object> object(Map<?, ?> map) {
        Map<String, Object> changed = new LinkedHashMap<>();
        map.forEach((key, value) -> changed.put(String.valueOf(key), value));
        List<String> names = List.copyOf(changed.keySet());
        String name = names.get(random.nextInt(names.size()));
        Object old = changed.get(name);
        switch (random.nextInt(7)) {
            case 0 -> changed.remove(name);
            case 1 -> changed.put(name, null);
            case 2 -> changed.put(String.valueOf(anything()), anything());
            default -> changed.put(name, old == null ? anything() : mutate(old));
        }
        return changed;
    }

    /// Text that is not what it was, and mostly not JSON.
    byte[] garble(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> text("{\"spec\":" + "[".repeat(DEEP) + "]".repeat(DEEP) + "}");
            case 2 -> text("{\"a\":".repeat(DEEP));
            case 3 -> text(json.replaceFirst("\\{", "{\"spec\":{},\"spec\":{},"));
            case 4 -> text(json.replaceFirst("[0-9]+", nastyNumber()));
            case 5 -> text(json + json);
            case 6 -> {
                byte[] one = bytes.length == 0 ? new byte[1] : bytes;
                one[bytes.length == 0 ? 0 : at] = (byte) random.nextInt();
                yield one;
            }
            default -> {
                byte[] noise = new byte[random.nextInt(64)];
                random.nextBytes(noise);
                yield noise;
            }
        };
    }

    private String nastyNumber() {
        List<String> numbers =
                List.of("1e400", "NaN", "-0", "01", "1.", "9".repeat(2000), "1e-999");
        return numbers.get(random.nextInt(numbers.size()));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
