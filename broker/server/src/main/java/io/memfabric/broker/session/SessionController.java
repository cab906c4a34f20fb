package io.memfabric.broker.session;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.Role;
import io.memfabric.broker.access.SessionCallers;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class SessionController {

    private static final int SHORTEST_PASSWORD = 12;
    private static final int LONGEST_PASSWORD = 200;
    private static final int LONGEST_NAME = 100;

    private final Sessions sessions;
    private final LocalUsers users;
    private final SignInAttempts attempts;
    private final IdentityProvider provider;

    SessionController(
            Sessions sessions,
            LocalUsers users,
            SignInAttempts attempts,
            IdentityProvider provider) {
        this.sessions = sessions;
        this.users = users;
        this.attempts = attempts;
        this.provider = provider;
    }

    record Ways(boolean password, boolean oidc) {}

    record SessionView(String name, List<String> roles, boolean local, String csrfToken) {}

    record SignIn(@Nullable String name, @Nullable String password) {}

    record NewPassword(@Nullable String current, @Nullable String wanted) {}

    @GetMapping("/api/v1/sign-in")
    Ways ways() {
        return new Ways(!users.isEmpty(), provider.isSet());
    }

    @GetMapping("/api/v1/session")
    SessionView get(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @CookieValue(name = SessionCallers.COOKIE, required = false) @Nullable String token) {
        return (token == null ? java.util.Optional.<Sessions.Person>empty() : sessions.find(token))
                .filter(person -> person.id().equals(caller.id()))
                .map(person -> view(person, Sessions.csrfToken(Required.field("cookie", token))))
                .orElseGet(() -> new SessionView(caller.name(), wire(caller), false, ""));
    }

    @PostMapping("/api/v1/session")
    ResponseEntity<SessionView> signIn(@RequestBody SignIn wanted, HttpServletRequest request) {
        String name = Required.field("name", wanted.name());
        String password = Required.field("password", wanted.password());
        String source = request.getRemoteAddr();
        attempts.check(source);
        Sessions.Person person =
                name.length() > LONGEST_NAME || password.length() > LONGEST_PASSWORD
                        ? null
                        : users.check(name, password).orElse(null);
        if (person == null) {
            attempts.failed(source);
            throw new Problem(
                    ProblemCode.UNAUTHENTICATED, "The name or the password is not right.");
        }
        attempts.succeeded(source, person.name());
        String token = sessions.begin(person);
        return ResponseEntity.ok()
                .header(HttpHeaders.SET_COOKIE, cookie(token, Sessions.LONGEST, request))
                .body(view(person, Sessions.csrfToken(token)));
    }

    @DeleteMapping("/api/v1/session")
    ResponseEntity<Void> signOut(
            @CookieValue(name = SessionCallers.COOKIE, required = false) @Nullable String token,
            HttpServletRequest request) {
        if (token != null) {
            sessions.end(token);
        }
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, cookie("", Duration.ZERO, request))
                .build();
    }

    @PutMapping("/api/v1/session/password")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void changePassword(
            @CookieValue(name = SessionCallers.COOKIE, required = false) @Nullable String token,
            @RequestBody NewPassword change,
            HttpServletRequest request) {
        String current = Required.field("current", change.current());
        String wanted = Required.field("wanted", change.wanted());
        Sessions.Person person = token == null ? null : sessions.find(token).orElse(null);
        if (token == null || person == null || !person.local()) {
            throw new Problem(
                    ProblemCode.FORBIDDEN, "Only who signed in with a password can change it.");
        }
        if (wanted.length() < SHORTEST_PASSWORD || wanted.length() > LONGEST_PASSWORD) {
            throw new Problem(ProblemCode.INVALID_PASSWORD, "A password has 12 to 200 characters.");
        }
        attempts.check(request.getRemoteAddr());
        if (users.check(person.name(), current).isEmpty()) {
            attempts.failed(request.getRemoteAddr());
            throw new Problem(ProblemCode.INVALID_PASSWORD, "The current password is not right.");
        }
        users.setPassword(person.id(), wanted);
        sessions.endOthers(person.id(), token);
    }

    private static SessionView view(Sessions.Person person, String csrf) {
        List<String> roles = person.roles().stream().map(Role::wire).sorted().toList();
        return new SessionView(person.name(), roles, person.local(), csrf);
    }

    private static List<String> wire(Caller.Api caller) {
        return caller.roles().stream().map(Role::wire).sorted().toList();
    }

    static String cookie(String token, Duration life, HttpServletRequest request) {
        return ResponseCookie.from(SessionCallers.COOKIE, token)
                .httpOnly(true)
                .sameSite("Strict")
                .secure(request.isSecure())
                .path("/")
                .maxAge(life)
                .build()
                .toString();
    }
}
