package io.memfabric.lab;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sizes in KiB by name, one a line, as `/proc` (`MemFree:  12 kB`) and virsh (`actual 12`) print
/// them.
final class KibTable {

    private static final Pattern LINE = Pattern.compile("\\s*([^\\s:]+):?\\s+([0-9]+)(?: kB)?\\s*");

    private KibTable() {}

    static Map<String, MemorySize> of(String text) {
        Map<String, MemorySize> all = new HashMap<>();
        text.lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .forEach(m -> all.put(m.group(1), MemorySize.ofKib(Long.parseLong(m.group(2)))));
        return all;
    }

    /// @throws LabException where the text has no such size
    static MemorySize size(String name, String text) {
        return Optional.ofNullable(of(text).get(name))
                .orElseThrow(() -> new LabException("no " + name + " in: " + text.strip()));
    }
}
