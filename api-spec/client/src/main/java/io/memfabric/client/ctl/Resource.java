package io.memfabric.client.ctl;

import java.util.List;

/// A kind of thing that can be listed.
///
/// @param plural its name in commands, `hosts`
/// @param path of its list in the API
/// @param name JSON pointer to the name by which people call it; `/id` where it has none
/// @param columns of its table
/// @param filters query parameters of its list that commands offer as options
record Resource(
        String plural, String path, String name, List<Column> columns, List<String> filters) {

    /// The path of one of them.
    String one(String id) {
        return path + "/" + id;
    }
}
