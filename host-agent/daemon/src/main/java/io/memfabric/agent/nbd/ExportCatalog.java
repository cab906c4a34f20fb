package io.memfabric.agent.nbd;

import java.util.Optional;

/// The exports that a server offers.
///
/// @param <E> what the server needs to serve one of them
public interface ExportCatalog<E> {

    /// The export, for a client that only asks.
    Optional<ExportInfo> describe(String name);

    /// Opens the export for the client of this handshake. Called at most once that answers
    /// something.
    ///
    /// @param sole whether every other client of this export must be gone, its last request carried
    ///     out or dropped, before this answers
    Optional<Opened<E>> open(String name, boolean sole);

    /// An open export.
    record Opened<E>(ExportInfo info, E export) {}
}
