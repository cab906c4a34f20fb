package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.MemoryReport;
import java.util.UUID;

/// A host said that it needs back memory that it lends. It says so every second while it is so.
public record HostShort(UUID hostId, MemoryReport memory) {}
