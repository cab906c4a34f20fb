package io.memfabric.agent.borrowing;

import java.nio.file.Path;
import java.util.UUID;

/// A grant's device as QEMU can open it.
///
/// @param grantId the grant
/// @param epoch the epoch under which its legs were opened
/// @param socket the unix socket of the NBD server
/// @param exportName the NBD export's name
/// @param sizeBytes the size of the device
public record ExportedDisk(
        UUID grantId, long epoch, Path socket, String exportName, long sizeBytes) {}
