package io.memfabric.broker.database;

import io.memfabric.broker.settings.BrokerSettings;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Chooses the database: another PostgreSQL where one is named, else the embedded one.
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    @Bean
    InstantSource instantSource() {
        return InstantSource.system();
    }

    @Bean
    JdbcClient jdbcClient(NamedParameterJdbcTemplate template) {
        return new RecordJdbcClient(JdbcClient.create(template));
    }

    /// The PostgreSQL that `memfabric.db-url` names.
    @Configuration(proxyBeanMethods = false)
    @Conditional(UrlIsNamed.class)
    static class Elsewhere {
        @Bean
        JdbcConnectionDetails connectionDetails(BrokerSettings settings) {
            if (settings.dbUrl() == null) {
                throw new IllegalStateException("memfabric.db-url is empty");
            }
            return new Details(settings.dbUrl(), settings.dbUser(), settings.dbPassword());
        }
    }

    /// The embedded PostgreSQL.
    @Configuration(proxyBeanMethods = false)
    @Conditional(NothingIsNamed.class)
    static class Embedded {
        @Bean(destroyMethod = "close")
        EmbeddedPostgres embeddedPostgres(BrokerSettings settings) {
            try {
                return EmbeddedPostgres.start(settings);
            } catch (IOException e) {
                throw new PostgresStartException(e);
            }
        }

        @Bean
        JdbcConnectionDetails connectionDetails(EmbeddedPostgres postgres) {
            return new Details(postgres.jdbcUrl(), postgres.user(), postgres.password());
        }
    }

    static final class UrlIsNamed implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return context.getEnvironment().containsProperty("memfabric.db-url");
        }
    }

    static final class NothingIsNamed implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !context.getEnvironment().containsProperty("memfabric.db-url")
                    && !context.getEnvironment().containsProperty("spring.datasource.url");
        }
    }

    private record Details(String url, @Nullable String user, @Nullable String secret)
            implements JdbcConnectionDetails {
        @Override
        public @Nullable String getUsername() {
            return user;
        }

        @Override
        public @Nullable String getPassword() {
            return secret;
        }

        @Override
        public String getJdbcUrl() {
            return url;
        }

        /// Without the password, for logs.
        @Override
        public String toString() {
            return url;
        }
    }
}
