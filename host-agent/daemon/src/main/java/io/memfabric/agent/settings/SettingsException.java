package io.memfabric.agent.settings;

import java.util.regex.Pattern;

/// The settings cannot be used; the message is one line that says which key and why.
public final class SettingsException extends Exception {

    private static final long serialVersionUID = 1;

    /// A key or a value can hold what would make two lines of one.
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

    SettingsException(String message) {
        super(CONTROL.matcher(message).replaceAll("?"));
    }
}
