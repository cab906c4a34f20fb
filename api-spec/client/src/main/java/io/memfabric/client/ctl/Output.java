package io.memfabric.client.ctl;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// How an answer is printed. JSON and YAML are the broker's words; a table is for people.
enum Output {
    TABLE {
        @Override
        void one(PrintWriter out, List<Column> columns, JsonNode resource) {
            int width = columns.stream().mapToInt(c -> c.title().length()).max().orElse(0);
            for (Column column : columns) {
                out.printf("%-" + width + "s  %s%n", column.title(), column.of(resource));
            }
        }

        @Override
        void many(PrintWriter out, List<Column> columns, List<JsonNode> resources) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(columns.stream().map(Column::title).toList());
            for (JsonNode resource : resources) {
                rows.add(columns.stream().map(c -> c.of(resource)).toList());
            }
            int[] widths = new int[columns.size()];
            for (List<String> row : rows) {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], row.get(i).length());
                }
            }
            for (List<String> row : rows) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
                }
                out.println(line.toString().stripTrailing());
            }
        }
    },
    JSON {
        @Override
        void one(PrintWriter out, List<Column> columns, JsonNode resource) {
            out.println(
                    JsonMapper.builder()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .build()
                            .writeValueAsString(resource));
        }

        @Override
        void many(PrintWriter out, List<Column> columns, List<JsonNode> resources) {
            one(out, columns, list(resources));
        }
    },
    YAML {
        @Override
        void one(PrintWriter out, List<Column> columns, JsonNode resource) {
            out.print(
                    YAMLMapper.builder()
                            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                            .build()
                            .writeValueAsString(resource));
        }

        @Override
        void many(PrintWriter out, List<Column> columns, List<JsonNode> resources) {
            one(out, columns, list(resources));
        }
    };

    abstract void one(PrintWriter out, List<Column> columns, JsonNode resource);

    abstract void many(PrintWriter out, List<Column> columns, List<JsonNode> resources);

    private static JsonNode list(List<JsonNode> resources) {
        ObjectMapper mapper = new JsonMapper();
        return mapper.createObjectNode().set("items", mapper.valueToTree(resources));
    }
}
