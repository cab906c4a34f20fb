package io.memfabric.broker.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// The contract as a page in which every operation can be tried. Everything that it needs comes from
/// the broker, and it may load nothing else.
@RestController
class DocsController {

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
                    + " img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String PAGE =
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>memfabric API</title>
            <link rel="stylesheet" href="/docs/swagger-ui.css">
            <script src="/docs/swagger-ui-bundle.js" defer></script>
            <script src="/docs/start.js" defer></script>
            </head>
            <body><div id="api"></div></body>
            </html>
            """;

    private static final String START =
            """
            SwaggerUIBundle({
              url: '/docs/broker.yaml',
              dom_id: '#api',
              deepLinking: true,
              validatorUrl: null,
              docExpansion: 'none',
              persistAuthorization: false,
            });
            """;

    private static final String LIBRARY = "/META-INF/resources/webjars/swagger-ui/";

    private static final String LIBRARY_FACTS =
            "/META-INF/maven/org.webjars/swagger-ui/pom.properties";

    private static final Map<String, MediaType> LIBRARY_FILES =
            Map.of(
                    "swagger-ui.css", MediaType.valueOf("text/css"),
                    "swagger-ui-bundle.js", MediaType.valueOf("text/javascript"));

    private final ApiDocument document;

    DocsController(ApiDocument document) {
        this.document = document;
    }

    @GetMapping("/docs")
    ResponseEntity<byte[]> page() {
        return answer(MediaType.TEXT_HTML, PAGE.getBytes(StandardCharsets.UTF_8));
    }

    @GetMapping("/docs/{file}")
    ResponseEntity<byte[]> file(@PathVariable String file) throws IOException {
        MediaType type = LIBRARY_FILES.get(file);
        if (type != null) {
            return answer(type, library(file));
        }
        return switch (file) {
            case "broker.yaml" -> answer(MediaType.valueOf("application/yaml"), document.yaml());
            case "start.js" ->
                    answer(
                            MediaType.valueOf("text/javascript"),
                            START.getBytes(StandardCharsets.UTF_8));
            default -> throw new Problem(ProblemCode.NOT_FOUND, "There is nothing here.");
        };
    }

    private static byte[] library(String file) throws IOException {
        try (InputStream in =
                DocsController.class.getResourceAsStream(LIBRARY + version() + file)) {
            if (in == null) {
                throw new IOException(file + " is not in this build");
            }
            return in.readAllBytes();
        }
    }

    /// The library's files lie below its version.
    private static String version() throws IOException {
        try (InputStream in = DocsController.class.getResourceAsStream(LIBRARY_FACTS)) {
            Properties facts = new Properties();
            if (in != null) {
                facts.load(in);
            }
            return facts.getProperty("version", "") + "/";
        }
    }

    private static ResponseEntity<byte[]> answer(MediaType type, byte[] body) {
        return ResponseEntity.ok()
                .contentType(type)
                .cacheControl(CacheControl.maxAge(Duration.ofHours(1)))
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .body(body);
    }
}
