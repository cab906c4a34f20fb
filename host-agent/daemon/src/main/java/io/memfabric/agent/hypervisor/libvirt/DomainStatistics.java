package io.memfabric.agent.hypervisor.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One domain's record of a bulk statistics call. Sizes are libvirt's KiB.
///
/// @param runId libvirt's number of this run of the domain, -1 where it is off
/// @param state libvirt's `virDomainState`
/// @param figures the balloon's figures by libvirt's names, without the prefix `balloon.`
record DomainStatistics(UUID id, String name, int runId, int state, Map<String, Long> figures) {

    private static final int UUID_STRING_BYTES = 37;
    private static final int FIELD_BYTES = 80;
    private static final int TYPE_OFFSET = FIELD_BYTES;
    private static final int VALUE_OFFSET = FIELD_BYTES + 8;
    private static final int PARAMETER_BYTES = FIELD_BYTES + 16;
    private static final int MAX_PARAMETERS = 4096;
    private static final String BALLOON = "balloon.";

    @Nullable Long figure(String name) {
        return figures.get(name);
    }

    /// Reads every domain of the connection in one call, without waiting for a domain's job.
    static List<DomainStatistics> all(Pointer connection) throws NativeCallException {
        LibvirtNative library = LibvirtNative.LIBRARY;
        PointerByReference list = new PointerByReference();
        int count =
                library.virConnectGetAllDomainStats(
                        connection,
                        LibvirtNative.STATS_STATE | LibvirtNative.STATS_BALLOON,
                        list,
                        LibvirtNative.STATS_NOWAIT);
        if (count < 0) {
            throw NativeCallException.last("virConnectGetAllDomainStats");
        }
        Pointer records = list.getValue();
        try {
            List<DomainStatistics> all = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                all.add(read(library, records.getPointer((long) i * Native.POINTER_SIZE)));
            }
            return all;
        } finally {
            library.virDomainStatsRecordListFree(records);
        }
    }

    /// `struct { virDomainPtr dom; virTypedParameterPtr params; int nparams; }`
    private static DomainStatistics read(LibvirtNative library, Pointer entry)
            throws NativeCallException {
        Pointer domain = entry.getPointer(0);
        UUID id;
        try (Memory buffer = new Memory(UUID_STRING_BYTES)) {
            if (library.virDomainGetUUIDString(domain, buffer) < 0) {
                throw NativeCallException.last("virDomainGetUUIDString");
            }
            id = UUID.fromString(buffer.getString(0));
        }
        String name = library.virDomainGetName(domain);
        Pointer parameters = entry.getPointer(Native.POINTER_SIZE);
        int count = Math.min(entry.getInt(2L * Native.POINTER_SIZE), MAX_PARAMETERS);
        int state = 0;
        Map<String, Long> balloon = new HashMap<>();
        for (int i = 0; i < count; i++) {
            Pointer parameter = parameters.share((long) i * PARAMETER_BYTES, PARAMETER_BYTES);
            String field = parameter.getString(0);
            Long value = number(parameter);
            if (value == null) {
                continue;
            }
            if (field.equals("state.state")) {
                state = value.intValue();
            } else if (field.startsWith(BALLOON)) {
                balloon.put(field.substring(BALLOON.length()), value);
            }
        }
        return new DomainStatistics(
                id,
                name == null ? id.toString() : name,
                library.virDomainGetID(domain),
                state,
                Map.copyOf(balloon));
    }

    /// `virTypedParameter`: an 80-byte name, a type, and a union at the next multiple of 8. Unsigned
    /// 64-bit figures beyond Long.MAX_VALUE do not occur in KiB.
    private static @Nullable Long number(Pointer parameter) {
        return switch (parameter.getInt(TYPE_OFFSET)) {
            case 1 -> (long) parameter.getInt(VALUE_OFFSET);
            case 2 -> Integer.toUnsignedLong(parameter.getInt(VALUE_OFFSET));
            case 3, 4 -> parameter.getLong(VALUE_OFFSET);
            default -> null;
        };
    }
}
