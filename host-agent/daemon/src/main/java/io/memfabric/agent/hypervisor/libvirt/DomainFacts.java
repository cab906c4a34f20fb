package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.Exclusion;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/// What a domain's XML says that matters here.
///
/// @param guestChannel the host's end of the channel `io.memfabric.guest.0`, or null without one
/// @param currentMemoryBytes the size that its balloon is to have
/// @param pciPortsInUse the root ports, by their names in QEMU, that libvirt has put something into
/// @param fixedExclusion why its memory can never be taken while it runs so, or null
record DomainFacts(
        List<AttachedDisk> disks,
        List<String> diskTargets,
        @Nullable Path guestChannel,
        @Nullable Exclusion fixedExclusion,
        long currentMemoryBytes,
        Set<String> pciPortsInUse) {

    private static final String GUEST_CHANNEL = "io.memfabric.guest.0";

    /// Reads a domain's XML.
    ///
    /// @throws IOException where it is not a domain's XML
    static DomainFacts parse(String xml) throws IOException {
        Element domain = root(xml);
        Element devices = child(domain, "devices");
        if (devices == null) {
            throw new IOException("the domain's XML has no devices");
        }
        List<AttachedDisk> disks = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        for (Element disk : children(devices, "disk")) {
            AttachedDisk read = disk(disk);
            disks.add(read);
            targets.add(read.target());
        }
        return new DomainFacts(
                List.copyOf(disks),
                List.copyOf(targets),
                guestChannel(devices),
                fixedExclusion(domain, devices),
                size(child(domain, "currentMemory")),
                pciPortsInUse(devices));
    }

    private static Set<String> pciPortsInUse(Element devices) {
        Set<String> ports = new HashSet<>();
        for (Node n = devices.getFirstChild(); n != null; n = n.getNextSibling()) {
            Element address = n instanceof Element device ? child(device, "address") : null;
            String bus = attribute(address, "bus");
            if (attribute(address, "type").equals("pci") && bus.matches("0x[0-9a-f]{1,4}")) {
                ports.add("pci." + Integer.parseInt(bus.substring(2), 16));
            }
        }
        return Set.copyOf(ports);
    }

    Optional<AttachedDisk> disk(String serial) {
        return disks.stream().filter(disk -> disk.serial().equals(serial)).findFirst();
    }

    /// The first name of a virtio disk that no disk has.
    String freeTarget() {
        for (char first = 'b'; first <= 'z'; first++) {
            if (!diskTargets.contains("vd" + first)) {
                return "vd" + first;
            }
        }
        for (char first = 'a'; first <= 'z'; first++) {
            for (char second = 'a'; second <= 'z'; second++) {
                if (!diskTargets.contains("vd" + first + second)) {
                    return "vd" + first + second;
                }
            }
        }
        throw new IllegalStateException("a domain with 700 disks");
    }

    private static AttachedDisk disk(Element disk) {
        Element source = child(disk, "source");
        Element host = source == null ? null : child(source, "host");
        Element reconnect = source == null ? null : child(source, "reconnect");
        Element driver = child(disk, "driver");
        Element target = child(disk, "target");
        Element serial = child(disk, "serial");
        String socket = attribute(host, "socket");
        String delay = attribute(reconnect, "delay");
        return new AttachedDisk(
                attribute(target, "dev"),
                serial == null ? "" : serial.getTextContent().strip(),
                socket.isEmpty() ? null : Path.of(socket),
                attribute(source, "name"),
                attribute(driver, "error_policy"),
                attribute(driver, "rerror_policy"),
                delay.matches("[0-9]{1,9}") ? Integer.valueOf(delay) : null);
    }

    private static @Nullable Path guestChannel(Element devices) {
        for (Element channel : children(devices, "channel")) {
            Element target = child(channel, "target");
            String path = attribute(child(channel, "source"), "path");
            if (channel.getAttribute("type").equals("unix")
                    && attribute(target, "name").equals(GUEST_CHANNEL)
                    && !path.isEmpty()) {
                return Path.of(path);
            }
        }
        return null;
    }

    private static @Nullable Exclusion fixedExclusion(Element domain, Element devices) {
        if (!attribute(child(devices, "memballoon"), "model").startsWith("virtio")) {
            return Exclusion.NO_BALLOON;
        }
        boolean passthrough =
                !children(devices, "hostdev").stream()
                                .filter(d -> d.getAttribute("type").matches("pci|mdev"))
                                .toList()
                                .isEmpty()
                        || children(devices, "interface").stream()
                                .anyMatch(d -> d.getAttribute("type").matches("hostdev|vdpa"));
        if (passthrough) {
            return Exclusion.PASSTHROUGH;
        }
        Element backing = child(domain, "memoryBacking");
        if (backing != null && child(backing, "hugepages") != null) {
            return Exclusion.HUGE_PAGES;
        }
        return backing != null && child(backing, "locked") != null ? Exclusion.LOCKED : null;
    }

    /// libvirt writes sizes of a domain in KiB.
    private static long size(@Nullable Element element) throws IOException {
        if (element == null) {
            return 0;
        }
        try {
            return MemorySize.ofKib(Long.parseLong(element.getTextContent().strip())).bytes();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException("the domain's XML has an unexpected size", e);
        }
    }

    private static Element root(String xml) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            // The default handler throws as well, but prints to stderr first.
            builder.setErrorHandler(new DefaultHandler());
            return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("the domain's XML cannot be read", e);
        }
    }

    private static String attribute(@Nullable Element element, String name) {
        return element == null ? "" : element.getAttribute(name);
    }

    private static @Nullable Element child(Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? null : found.getFirst();
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }
}
