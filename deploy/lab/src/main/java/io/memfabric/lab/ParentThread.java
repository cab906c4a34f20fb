package io.memfabric.lab;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Starts processes that must die with this JVM. The kernel sends a parent-death signal when the
/// *thread* that forked ends (prctl(2), PR_SET_PDEATHSIG), so they are forked by one thread that
/// lives as long as the JVM.
final class ParentThread {

    private static final ExecutorService THREAD =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("lab-parent").factory());

    private ParentThread() {}

    static Process start(ProcessBuilder builder) {
        try {
            return THREAD.submit(builder::start).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw new LabException("cannot start a process: " + cause.getMessage(), cause);
            }
            throw new LabException("cannot start a process", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
