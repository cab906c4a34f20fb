package io.memfabric.broker.grant;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;

/// Reads a size as a whole number of bytes. `1.5`, `1e9`, `"1GiB"` and numbers beyond 64 bits are
/// sizes that cannot be, not JSON that cannot be read.
final class WholeBytes extends StdDeserializer<Long> {

    private static final int LONGEST = 19;

    WholeBytes() {
        super(Long.class);
    }

    @Override
    public Long deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            String digits = parser.getString();
            if (digits.length() <= LONGEST
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                return parser.getLongValue();
            }
        }
        throw invalid();
    }

    @Override
    public Long getNullValue(DeserializationContext context) {
        throw invalid();
    }

    private static Problem invalid() {
        return new Problem(ProblemCode.INVALID_SIZE, "sizeBytes must be a whole number of bytes.");
    }
}
