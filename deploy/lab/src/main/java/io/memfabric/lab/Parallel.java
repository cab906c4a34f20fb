package io.memfabric.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Starts several things at the same time and waits for all of them.
public final class Parallel {

    private final List<CompletableFuture<?>> all = new ArrayList<>();

    /// Begins a task on a thread of its own.
    public void add(Runnable task) {
        all.add(CompletableFuture.runAsync(task, Thread::startVirtualThread));
    }

    /// Waits for every task; then throws what the first bad one threw.
    public void join() {
        CompletableFuture<Void> whole =
                CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
        try {
            whole.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
