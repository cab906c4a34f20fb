package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.HypervisorException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Makes native calls on platform threads, each with a deadline. A call that outlives its deadline
/// goes on by itself and keeps its key: until it returns, no other call with that key is made, so a
/// hanging VM costs one thread, not one a second.
final class PlatformCalls implements AutoCloseable {

    private static final int MAX_THREADS = 64;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(
                    0,
                    MAX_THREADS,
                    IDLE.toSeconds(),
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name("libvirt-call-", 0).factory());

    /// Makes the call and waits for it, at most until the deadline.
    <T> T call(String key, Duration deadline, Callable<T> call) throws HypervisorException {
        Future<T> future = begin(key, call);
        try {
            return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_TIMEOUT,
                    key + ": no answer within " + deadline.toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_TIMEOUT, key + ": interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HypervisorException failure) {
                throw failure;
            }
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_REFUSED, key + ": " + e.getCause(), e);
        }
    }

    /// Makes the call and does not wait. Left out where one with this key is under way.
    void tryInBackground(String key, Runnable call) {
        try {
            var _ =
                    begin(
                            key,
                            () -> {
                                call.run();
                                return key;
                            });
        } catch (HypervisorException e) {
            // Under way already, or every thread hangs: the caller comes again every second.
        }
    }

    private <T> Future<T> begin(String key, Callable<T> call) throws HypervisorException {
        if (!underWay.add(key)) {
            throw new HypervisorException(
                    HypervisorException.VM_BUSY, key + ": an earlier call has not returned");
        }
        try {
            return threads.submit(
                    () -> {
                        try {
                            return call.call();
                        } finally {
                            underWay.remove(key);
                        }
                    });
        } catch (RejectedExecutionException e) {
            underWay.remove(key);
            throw new HypervisorException(
                    HypervisorException.VM_BUSY, key + ": all threads wait for libvirt", e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
