package io.memfabric.broker.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Revisions of things as entity tags, so that nobody overwrites what he has not seen.
public final class Revision {

    private static final Pattern TAG = Pattern.compile("\"([0-9]{1,18})\"");

    private Revision() {}

    public static String etag(long revision) {
        return "\"" + revision + "\"";
    }

    /// The revision that an `If-Match` header names.
    public static long required(@Nullable String ifMatch) {
        if (ifMatch == null) {
            throw new Problem(
                    ProblemCode.PRECONDITION_REQUIRED,
                    "If-Match must name the revision that is to be changed.");
        }
        Matcher tag = TAG.matcher(ifMatch.strip());
        if (!tag.matches()) {
            throw conflict();
        }
        return Long.parseLong(tag.group(1));
    }

    /// Fails where an `If-Match` header is there and names another revision, for what needs none.
    public static void checkIfNamed(@Nullable String ifMatch, long actual) {
        checkIfNamed(ifMatch, etag(actual));
    }

    /// The same for a thing that has no revision of its own.
    public static void checkIfNamed(@Nullable String ifMatch, String etag) {
        if (ifMatch != null && !ifMatch.strip().equals(etag)) {
            throw conflict();
        }
    }

    /// Fails where the thing was changed since.
    public static void check(long expected, long actual) {
        if (expected != actual) {
            throw conflict();
        }
    }

    static Problem conflict() {
        return new Problem(
                ProblemCode.REVISION_CONFLICT, "It was changed meanwhile; read it again.");
    }
}
