package io.memfabric.agent.hypervisor.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;

/// Whatever libvirt shows as a domain's XML, parts of which tenants may have written.
public final class DomainFactsFuzz {

    private DomainFactsFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            DomainFacts facts = DomainFacts.parse(new String(input, UTF_8));
            if (facts.currentMemoryBytes() < 0
                    || facts.disks().size() != facts.diskTargets().size()) {
                throw new AssertionError("took " + facts);
            }
        } catch (IOException e) {
            // Not a domain's XML.
        }
    }
}
