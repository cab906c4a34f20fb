package io.memfabric.contract.region;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name under which a lender serves one claimed region over NBD. It carries everything that the
/// lender checks against its own table before the first request:
/// `mf1.<boot id>.<region id>.<generation>.<grant id>.<epoch>.<capability>`. See
/// `wire/region-over-nbd.md`.
///
/// @param capability the secret of this claim, 32 lower-case hexadecimal digits
public record ExportName(
        UUID bootId, long regionId, long generation, UUID grantId, long epoch, String capability) {

    private static final String UUID_FORM = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
    private static final String NUMBER = "(0|[1-9][0-9]{0,17})";
    private static final Pattern FORM =
            Pattern.compile(
                    "mf1\\."
                            + UUID_FORM
                            + "\\."
                            + NUMBER
                            + "\\."
                            + NUMBER
                            + "\\."
                            + UUID_FORM
                            + "\\."
                            + NUMBER
                            + "\\.([0-9a-f]{32})");
    private static final Pattern CAPABILITY = Pattern.compile("[0-9a-f]{32}");

    public ExportName {
        if (regionId < 0 || generation < 0 || epoch < 0) {
            throw new IllegalArgumentException("an export name has a negative number");
        }
        if (!CAPABILITY.matcher(capability).matches()) {
            throw new IllegalArgumentException("a capability is 32 hexadecimal digits");
        }
    }

    /// Reads a name as a peer sent it.
    ///
    /// @throws IllegalArgumentException where it is not of the form above
    public static ExportName parse(String name) {
        Matcher m = FORM.matcher(name);
        if (!m.matches()) {
            throw new IllegalArgumentException("not the name of a region");
        }
        return new ExportName(
                UUID.fromString(m.group(1)),
                Long.parseLong(m.group(2)),
                Long.parseLong(m.group(3)),
                UUID.fromString(m.group(4)),
                Long.parseLong(m.group(5)),
                m.group(6));
    }

    /// The name as it goes on the wire, at most 200 characters.
    public String wire() {
        return "mf1."
                + bootId
                + "."
                + regionId
                + "."
                + generation
                + "."
                + grantId
                + "."
                + epoch
                + "."
                + capability;
    }

    /// The name without its secret, for logs.
    @Override
    public String toString() {
        return "region "
                + regionId
                + " of "
                + bootId
                + " generation "
                + generation
                + " for grant "
                + grantId
                + " epoch "
                + epoch;
    }
}
