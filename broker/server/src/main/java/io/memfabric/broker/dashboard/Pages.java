package io.memfabric.broker.dashboard;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.PathResourceResolver;

/// Serves the pages at `/`. Every path that is no file is a page's: the browser gets the one document
/// and finds the page itself, so an address can be kept and passed on.
@Configuration(proxyBeanMethods = false)
class Pages implements WebMvcConfigurer {

    private static final String FOLDER = "classpath:/static/";

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        // Their names have a hash of what is in them.
        registry.addResourceHandler("/assets/**")
                .addResourceLocations(FOLDER + "assets/")
                .setCacheControl(
                        CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable());
        registry.addResourceHandler("/**")
                .addResourceLocations(FOLDER)
                .setCacheControl(CacheControl.noCache())
                .resourceChain(false)
                .addResolver(new PageResolver());
    }

    /// A file where there is one, else the document; nothing where other parts of the broker are.
    private static final class PageResolver extends PathResourceResolver {

        private static final Pattern NOT_PAGES =
                Pattern.compile("(api|agent|actuator|assets|error)(/.*)?|.*\\.[a-z0-9]{1,5}");

        @Override
        protected @Nullable Resource getResource(String path, Resource location)
                throws IOException {
            Resource file = path.isEmpty() ? null : super.getResource(path, location);
            if (file != null || NOT_PAGES.matcher(path).matches()) {
                return file;
            }
            return super.getResource("index.html", location);
        }
    }
}
