package io.memfabric.agent.nbd.tls;

import io.memfabric.agent.nbd.NbdException;
import java.io.IOException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The peers could not agree on a sealed connection; the code says why.
public final class TlsException extends NbdException {

    private static final long serialVersionUID = 1;

    private final String code;

    public TlsException(String code, String message) {
        super(code + ": " + message);
        this.code = code;
    }

    /// Stable, in snake_case.
    public String code() {
        return code;
    }

    /// What a failure means to an operator.
    static TlsException of(SSLException failure) {
        @Nullable Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof CertificateExpiredException) {
                return of("certificate_expired", "the peer's certificate has expired", failure);
            }
            if (cause instanceof CertificateNotYetValidException) {
                return of(
                        "certificate_not_yet_valid",
                        "the peer's certificate begins later: is a clock wrong?",
                        failure);
            }
            if (cause instanceof CertPathValidatorException
                    || cause instanceof java.security.cert.CertPathBuilderException) {
                if (cause.getCause() == null) {
                    return of(
                            "authority_unknown",
                            "the peer's certificate is not of this fabric",
                            failure);
                }
            }
            cause = cause.getCause();
        }
        String said = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (said.contains("received fatal alert")) {
            String alert = said.substring(said.lastIndexOf(' ') + 1);
            return of("certificate_refused", "the peer refused us with " + alert, failure);
        }
        return of("tls_failed", String.valueOf(failure.getMessage()), failure);
    }

    private static TlsException of(String code, String message, IOException cause) {
        TlsException exception = new TlsException(code, message);
        exception.initCause(cause);
        return exception;
    }
}
