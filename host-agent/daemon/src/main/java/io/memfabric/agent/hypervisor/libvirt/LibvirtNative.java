package io.memfabric.agent.hypervisor.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/// The calls of libvirt's C interface that libvirt-java lacks. Names and shapes are those of
/// `libvirt-domain.h`.
interface LibvirtNative extends Library {

    LibvirtNative LIBRARY = Native.load("virt", LibvirtNative.class);

    int STATS_STATE = 1;
    int STATS_BALLOON = 1 << 2;

    /// Leave out what would have to wait for a VM's job (libvirt 4.5).
    int STATS_NOWAIT = 1 << 29;

    int AFFECT_LIVE = 1;

    int virConnectGetAllDomainStats(
            Pointer connection, int stats, PointerByReference records, int flags);

    void virDomainStatsRecordListFree(Pointer records);

    @Nullable Pointer virDomainLookupByUUIDString(Pointer connection, String uuid);

    int virDomainGetUUIDString(Pointer domain, Pointer buffer);

    @Nullable String virDomainGetName(Pointer domain);

    int virDomainGetID(Pointer domain);

    int virDomainFree(Pointer domain);

    int virDomainSetMemoryFlags(Pointer domain, com.sun.jna.NativeLong kib, int flags);

    int virDomainSetMemoryStatsPeriod(Pointer domain, int seconds, int flags);

    int virDomainMemoryStats(Pointer domain, Pointer stats, int count, int flags);

    int virGetLastErrorCode();

    @Nullable String virGetLastErrorMessage();
}
