package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.TestBroker;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The document as a page: all of it comes from the broker, and the page may load nothing else.
class DocsIT {

    private static final Pattern LOADED = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

    @Test
    void needsNothingFromOutside() throws Exception {
        HttpResponse<String> page = get("/docs");
        assertThat(page.statusCode()).isEqualTo(200);
        String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertThat(policy)
                .contains("default-src 'none'", "script-src 'self';", "connect-src 'self'")
                .doesNotContain("http", "unsafe-eval", "script-src 'self' 'unsafe-inline'");
        assertThat(page.body()).as("no script in the page itself").doesNotContain("<script>");
        Matcher loaded = LOADED.matcher(page.body());
        int files = 0;
        while (loaded.find()) {
            files++;
            HttpResponse<String> file = get(loaded.group(1));
            assertThat(file.statusCode()).as(loaded.group(1)).isEqualTo(200);
            assertThat(file.body()).as(loaded.group(1)).isNotEmpty();
            assertThat(file.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        }
        assertThat(files).isEqualTo(3);
        for (String outside : List.of("@import", "url(http", "url(//")) {
            assertThat(get("/docs/swagger-ui.css").body()).doesNotContain(outside);
        }
        assertThat(get("/docs/start.js").body())
                .contains("'/docs/broker.yaml'", "validatorUrl: null");
        assertThat(get("/docs/broker.yaml").body()).startsWith("openapi: 3.1.0");
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(TestBroker.shared().address().resolve(path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
