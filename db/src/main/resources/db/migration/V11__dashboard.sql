-- People who sign in to the dashboard with a name and a password of this broker, and whoever is
-- signed in. Of passwords and of cookies only hashes are kept.

CREATE TABLE local_users (
    name          text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
    id            uuid NOT NULL UNIQUE,
    password_hash text NOT NULL CHECK (length(password_hash) BETWEEN 20 AND 300),
    tenant_id     uuid NOT NULL REFERENCES tenants (id),
    roles         text[] NOT NULL
        CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['tenant-viewer', 'tenant-operator',
            'fabric-operator', 'auditor', 'admin']),
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL
);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id    uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    tenant_id  uuid NOT NULL REFERENCES tenants (id),
    roles      text[] NOT NULL CHECK (cardinality(roles) > 0),
    local      boolean NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- The pages of a host, of a VM and of a grant show what happened there.
CREATE INDEX events_of_host ON events (host_id, id) WHERE host_id IS NOT NULL;
CREATE INDEX events_of_vm ON events (vm_id, id) WHERE vm_id IS NOT NULL;
CREATE INDEX events_of_grant ON events (grant_id, id) WHERE grant_id IS NOT NULL;
