package io.memfabric.agent.hypervisor.libvirt;

import java.lang.System.Logger.Level;
import org.libvirt.Library;
import org.libvirt.LibvirtException;

/// libvirt's event loop, one for the process. Keep-alive depends on it: without it a dead libvirt
/// looks like a slow one for ever.
final class LibvirtEvents {

    private static final System.Logger LOG = System.getLogger(LibvirtEvents.class.getName());
    private static boolean started;

    private LibvirtEvents() {}

    /// Starts the loop where it does not run yet; to be called before the first connection.
    static synchronized void start() throws LibvirtException {
        if (started) {
            return;
        }
        Library.initEventLoop();
        Thread.ofPlatform().daemon().name("libvirt-events").start(LibvirtEvents::run);
        started = true;
    }

    private static void run() {
        while (true) {
            try {
                Library.processEvent();
            } catch (LibvirtException e) {
                LOG.log(Level.WARNING, "libvirt's event loop: {0}", e.getMessage());
            }
        }
    }
}
