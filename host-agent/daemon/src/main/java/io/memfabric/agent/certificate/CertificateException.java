package io.memfabric.agent.certificate;

import java.io.IOException;

/// A certificate that this host cannot use; the code says why.
public final class CertificateException extends IOException {

    private static final long serialVersionUID = 1;

    private final String code;

    CertificateException(String code, String message) {
        super(code + ": " + message);
        this.code = code;
    }

    /// Stable, in snake_case.
    public String code() {
        return code;
    }
}
