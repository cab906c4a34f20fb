package io.memfabric.agent.settings;

/// The settings cannot be used; the message is one line that says which key and why.
public final class SettingsException extends Exception {

    private static final long serialVersionUID = 1;

    SettingsException(String message) {
        super(message);
    }
}
