package io.memfabric.broker.operation;

/// What an operation does.
public enum OperationKind {
    GRANT_CREATE,
    GRANT_RELEASE,
    GRANT_RESIZE,
    HOST_DRAIN
}
