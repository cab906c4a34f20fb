package io.memfabric.broker.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.Browser;
import io.memfabric.broker.testbed.TestBroker;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What anybody gets at `/`, and under which rules.
class PagesIT {

    private final Browser browser = new Browser(TestBroker.shared().address());

    private HttpResponse<String> get(String path) {
        return browser.send("GET", path, null);
    }

    @Test
    void everyAddressOfAPageIsTheOneDocument() {
        String document = get("/").body();
        assertThat(document).contains("<div id=\"root\">");
        assertThat(get("/hosts/018f0000-0000-7000-8000-000000000000").body()).isEqualTo(document);
        assertThat(get("/grants").body()).isEqualTo(document);
    }

    @Test
    void letsNoInlineScriptAndNoOtherSiteIn() {
        HttpResponse<String> answer = get("/");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.body())
                .doesNotContain("<style")
                .doesNotContainPattern("<script(?![^>]*src=)")
                .doesNotContain("style=");
        assertThat(get("/api/v1/hosts").headers().firstValue("X-Content-Type-Options"))
                .hasValue("nosniff");
    }

    @Test
    void itsFilesAreKeptForEverAndTheDocumentIsAskedForAgain() {
        HttpResponse<String> document = get("/");
        Matcher script = Pattern.compile("src=\"(/assets/[^\"]+)\"").matcher(document.body());
        assertThat(script.find()).isTrue();
        assertThat(get(script.group(1)).headers().firstValue("Cache-Control").orElseThrow())
                .contains("immutable");
        assertThat(document.headers().firstValue("Cache-Control")).hasValue("no-cache");
    }

    @Test
    void whatIsNoPageIsNotFound() {
        assertThat(get("/assets/nothing.js").statusCode()).isEqualTo(404);
        assertThat(get("/favicon.ico").statusCode()).isEqualTo(404);
        assertThat(get("/api/v1/nothing").statusCode()).isEqualTo(401);
        assertThat(get("/api").statusCode()).isEqualTo(401);
        assertThat(get("/agent/v1/commands").statusCode()).isEqualTo(401);
        assertThat(browser.send("POST", "/", "{}").statusCode()).isEqualTo(401);
    }

    @Test
    void noPathLeadsOutOfTheFolder() {
        assertThat(get("/assets/..%2f..%2fapplication.properties").statusCode()).isNotEqualTo(200);
        assertThat(get("/%2e%2e/application.properties").statusCode()).isNotEqualTo(200);
    }
}
