package io.memfabric.broker.session;

import io.memfabric.broker.access.Access;
import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.Secret;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The way to the identity provider and back. What belongs together is held together by a cookie of
/// the browser that began: state, verifier, and the page that was asked for.
@RestController
class OidcController {

    private static final String COOKIE = "memfabric_sign_in";
    private static final String PATH = "/api/v1/sign-in";
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final Pattern PAGE = Pattern.compile("(/[\\w.~-]+)*/?");
    private static final Pattern KEPT =
            Pattern.compile("(st_[0-9a-f]{64})\\.(pv_[0-9a-f]{64})\\.([\\w.~/-]{0,300})");

    private static final Logger LOG = LoggerFactory.getLogger(OidcController.class);

    private final IdentityProvider provider;
    private final Access access;
    private final Sessions sessions;

    OidcController(IdentityProvider provider, Access access, Sessions sessions) {
        this.provider = provider;
        this.access = access;
        this.sessions = sessions;
    }

    @GetMapping(PATH + "/oidc")
    ResponseEntity<Void> begin(
            @RequestParam(defaultValue = "/") String to, HttpServletRequest request) {
        if (!provider.isSet()) {
            throw new Problem(ProblemCode.NOT_FOUND, "No identity provider is set.");
        }
        String state = Secret.make("st_");
        String verifier = Secret.make("pv_");
        String page = PAGE.matcher(to).matches() && to.length() <= 300 ? to : "/";
        try {
            return go(
                    provider.signInPage(state, verifier),
                    cookie(state + "." + verifier + "." + page, LIMIT, request));
        } catch (IOException e) {
            LOG.warn("nobody can sign in at the identity provider: {}", e.toString());
            return failed(request);
        }
    }

    @GetMapping(PATH + "/oidc/callback")
    ResponseEntity<Void> comeBack(
            @RequestParam(defaultValue = "") String state,
            @RequestParam(defaultValue = "") String code,
            @CookieValue(name = COOKIE, required = false) @Nullable String kept,
            HttpServletRequest request) {
        Matcher begun = KEPT.matcher(kept == null ? "" : kept);
        if (!begun.matches() || code.isEmpty() || !same(begun.group(1), state)) {
            return failed(request);
        }
        try {
            Optional<Caller.Api> caller = recognise(provider.redeem(code, begun.group(2)));
            if (caller.isEmpty()) {
                LOG.warn("the identity provider's tokens have no role here, or another audience");
                return failed(request);
            }
            String session = sessions.begin(person(caller.get()));
            String page = begun.group(3).isEmpty() ? "/" : begun.group(3);
            return ResponseEntity.status(HttpStatus.FOUND)
                    .location(URI.create(page))
                    .header(
                            HttpHeaders.SET_COOKIE,
                            SessionController.cookie(session, Sessions.LONGEST, request),
                            cookie("", Duration.ZERO, request))
                    .build();
        } catch (IOException e) {
            LOG.warn("the identity provider redeemed no code: {}", e.toString());
            return failed(request);
        }
    }

    private Optional<Caller.Api> recognise(List<String> tokens) {
        return tokens.stream().flatMap(token -> access.recogniseApi(token).stream()).findFirst();
    }

    private static Sessions.Person person(Caller.Api caller) {
        return new Sessions.Person(
                caller.id(), caller.name(), caller.tenantId(), caller.roles(), false);
    }

    private static boolean same(String kept, String shown) {
        return MessageDigest.isEqual(
                kept.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
    }

    private static ResponseEntity<Void> failed(HttpServletRequest request) {
        return go(URI.create("/?sign-in-failed=true"), cookie("", Duration.ZERO, request));
    }

    private static ResponseEntity<Void> go(URI where, String cookie) {
        return ResponseEntity.status(HttpStatus.FOUND)
                .location(where)
                .header(HttpHeaders.SET_COOKIE, cookie)
                .build();
    }

    /// The browser comes back from another site, so this one cookie cannot be `Strict`.
    private static String cookie(String value, Duration life, HttpServletRequest request) {
        return ResponseCookie.from(COOKIE, value)
                .httpOnly(true)
                .sameSite("Lax")
                .secure(request.isSecure())
                .path(PATH)
                .maxAge(life)
                .build()
                .toString();
    }
}
