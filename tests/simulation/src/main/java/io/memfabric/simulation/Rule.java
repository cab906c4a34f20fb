package io.memfabric.simulation;

/// A rule that moves the balloons of one host.
interface Rule {

    /// Once a second.
    void tick(SimulatedHost host, int second);

    /// Between the seconds, when a guest has just reported.
    default void heard(SimulatedHost host, int vm, int second, double part) {}
}
