package io.memfabric.agent.settings;

import io.memfabric.contract.vocabulary.MemorySize;
import java.nio.file.Path;

/// Where grants of this host's VMs go that no other host has room for.
///
/// @param size how much of the disk they may take
public record SpillSettings(Path dir, MemorySize size) {}
