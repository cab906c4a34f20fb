package io.memfabric.broker.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.ResolvableType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Which fields of an item are told.
class FieldMaskTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final ResolvableType ITEM = ResolvableType.forClass(Item.class);

    private record Leg(String host, long bytes) {}

    private record Status(String state, List<Leg> legs) {}

    private record Item(String id, Status status) {}

    private static String masked(String fields) {
        JsonNode item =
                JSON.valueToTree(
                        new Item(
                                "i",
                                new Status("OPEN", List.of(new Leg("a", 1), new Leg("b", 2)))));
        FieldMask.parse(fields, ITEM).apply(item);
        return item.toString().replace("\"", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | {id:i}",
                "status.state | {status:{state:OPEN}}",
                "id,status.state | {id:i,status:{state:OPEN}}",
                "status.legs.host | {status:{legs:[{host:a},{host:b}]}}",
                "status.legs | {status:{legs:[{host:a,bytes:1},{host:b,bytes:2}]}}",
                "status.state,status.state | {status:{state:OPEN}}",
                "status,status.state | {status:{state:OPEN,legs:[{host:a,bytes:1},{host:b,bytes:2}]}}",
                "status.state,status | {status:{state:OPEN,legs:[{host:a,bytes:1},{host:b,bytes:2}]}}"
            })
    void keepsWhatIsNamed(String fields, String kept) {
        assertThat(masked(fields)).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "none",
                "id,",
                " id",
                "status.none",
                "status.",
                ".id",
                "id.bytes",
                "status.legs.none",
                "status.legs.0"
            })
    void refusesAFieldThatNoItemHas(String fields) {
        assertThatThrownBy(() -> masked(fields))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem ->
                                assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_FIELDS));
    }

    @Test
    void takesAtMost64Fields() {
        assertThat(masked(ids(64))).isEqualTo("{id:i}");
        assertThatThrownBy(() -> masked(ids(65))).hasMessageContaining("more than 64");
    }

    private static String ids(int count) {
        return IntStream.range(0, count).mapToObj(_ -> "id").collect(Collectors.joining(","));
    }
}
