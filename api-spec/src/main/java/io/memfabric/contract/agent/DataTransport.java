package io.memfabric.contract.agent;

/// What carries pages between two hosts.
public enum DataTransport {
    TCP,
    RDMA
}
