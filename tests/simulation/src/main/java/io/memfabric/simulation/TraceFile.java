package io.memfabric.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Reads one VM's recorded demand.
final class TraceFile {

    private static final int MOST_SECONDS = 31 * Pattern.DAY;
    private static final int MOST_MIB = 1 << 24;

    private TraceFile() {}

    /// @throws IOException where it cannot be read, with the line where it cannot be understood
    static Trace read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < 2
                || lines.size() > MOST_SECONDS
                || !lines.getFirst().startsWith("ceiling_mib,")) {
            throw new IOException(file + ": the first line must be ceiling_mib,N");
        }
        int ceiling = (int) number(file, 1, lines.getFirst().substring("ceiling_mib,".length()));
        float[] anon = new float[lines.size() - 1];
        float[] hot = new float[anon.length];
        for (int i = 0; i < anon.length; i++) {
            String[] fields = lines.get(i + 1).split(",", -1);
            if (fields.length != 3) {
                throw new IOException(file + " line " + (i + 2) + ": three fields are needed");
            }
            anon[i] = number(file, i + 2, fields[1]);
            hot[i] = number(file, i + 2, fields[2]);
        }
        return new Trace(ceiling, anon, hot, 1, new int[0], null, new boolean[anon.length]);
    }

    private static float number(Path file, int line, String text) throws IOException {
        try {
            float number = Float.parseFloat(text.strip());
            if (number >= 0 && number <= MOST_MIB) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below like a number out of range.
        }
        throw new IOException(file + " line " + line + ": not a number of MiB: " + text);
    }
}
