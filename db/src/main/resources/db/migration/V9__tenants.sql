-- Tenants, who may call, what was done by whom, and what a tenant used.

CREATE TABLE tenants (
    id              uuid PRIMARY KEY,
    name            text NOT NULL CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    max_bytes       bigint CHECK (max_bytes >= 0),
    max_grants      integer CHECK (max_grants >= 0),
    latency_classes text[] NOT NULL
        CHECK (latency_classes <@ ARRAY['LOW', 'STANDARD', 'ANY']),
    lend_to         text NOT NULL CHECK (lend_to IN ('NOBODY', 'ITSELF', 'EVERYBODY')),
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    deleted_at      timestamptz,
    revision        bigint NOT NULL CHECK (revision >= 0)
);
CREATE UNIQUE INDEX tenants_by_name ON tenants (name) WHERE deleted_at IS NULL;
-- Whoever is not told otherwise is of this one; it cannot be deleted.
INSERT INTO tenants (id, name, latency_classes, lend_to, created_at, updated_at, revision)
VALUES ('00000000-0000-7000-8000-000000000001', 'default', '{LOW,STANDARD,ANY}', 'EVERYBODY',
        now(), now(), 0);

-- A VM keeps its tenant when it moves, or is away for a while.
CREATE TABLE vm_tenants (
    vm_id     uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id)
);
ALTER TABLE vms ADD COLUMN tenant_id uuid NOT NULL REFERENCES tenants (id)
    DEFAULT '00000000-0000-7000-8000-000000000001';
CREATE INDEX vms_of_tenant ON vms (tenant_id, id);
CREATE FUNCTION vms_keep_their_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT tenant_id INTO NEW.tenant_id FROM vm_tenants WHERE vm_id = NEW.id;
    IF NEW.tenant_id IS NULL THEN
        NEW.tenant_id := '00000000-0000-7000-8000-000000000001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER vms_keep_their_tenant BEFORE INSERT ON vms
    FOR EACH ROW EXECUTE FUNCTION vms_keep_their_tenant();

-- A grant is of the tenant that its VM has when it is made, for ever.
ALTER TABLE grants ADD COLUMN tenant_id uuid NOT NULL REFERENCES tenants (id)
    DEFAULT '00000000-0000-7000-8000-000000000001';
CREATE INDEX grants_of_tenant ON grants (tenant_id, id);
CREATE INDEX grants_live_of_tenant ON grants (tenant_id)
    WHERE state NOT IN ('RELEASED', 'FAILED');
CREATE FUNCTION grants_are_of_their_vms_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.tenant_id <> OLD.tenant_id THEN
            RAISE EXCEPTION 'grant % would change its tenant', OLD.id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSE
        SELECT coalesce((SELECT tenant_id FROM vms WHERE id = NEW.vm_id),
                        (SELECT tenant_id FROM vm_tenants WHERE vm_id = NEW.vm_id),
                        '00000000-0000-7000-8000-000000000001') INTO NEW.tenant_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grants_are_of_their_vms_tenant BEFORE INSERT OR UPDATE OF tenant_id ON grants
    FOR EACH ROW EXECUTE FUNCTION grants_are_of_their_vms_tenant();

-- An event is of the tenant whose grant or VM it tells of; those of hosts alone are nobody's.
ALTER TABLE events ADD COLUMN tenant_id uuid;
CREATE INDEX events_of_tenant ON events (tenant_id, id) WHERE tenant_id IS NOT NULL;
CREATE FUNCTION events_are_of_a_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tenant_id IS NULL AND NEW.grant_id IS NOT NULL THEN
        SELECT tenant_id INTO NEW.tenant_id FROM grants WHERE id = NEW.grant_id;
    END IF;
    IF NEW.tenant_id IS NULL AND NEW.vm_id IS NOT NULL THEN
        SELECT tenant_id INTO NEW.tenant_id FROM vms WHERE id = NEW.vm_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_are_of_a_tenant BEFORE INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION events_are_of_a_tenant();

-- Tokens of people and control planes: of one tenant, with roles, for a while.
ALTER TABLE api_tokens
    ADD COLUMN tenant_id uuid NOT NULL REFERENCES tenants (id)
        DEFAULT '00000000-0000-7000-8000-000000000001',
    ADD COLUMN roles text[] NOT NULL DEFAULT '{admin}'
        CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['tenant-viewer', 'tenant-operator',
            'fabric-operator', 'auditor', 'admin']),
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN created_by text NOT NULL DEFAULT 'broker' CHECK (length(created_by) <= 300),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN revoked_at timestamptz,
    DROP CONSTRAINT api_tokens_name_key;
ALTER TABLE api_tokens
    ALTER COLUMN tenant_id DROP DEFAULT,
    ALTER COLUMN roles DROP DEFAULT,
    ALTER COLUMN scopes DROP DEFAULT,
    ALTER COLUMN created_by DROP DEFAULT;
CREATE UNIQUE INDEX api_tokens_by_name ON api_tokens (tenant_id, name) WHERE revoked_at IS NULL;
CREATE INDEX api_tokens_of_tenant ON api_tokens (tenant_id, id);

-- A caller may be one whose token is not in the ledger; and a request may begin what is no
-- operation: then its answer is kept, without secrets.
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_api_token_id_fkey;
ALTER TABLE idempotency_keys RENAME COLUMN api_token_id TO caller_id;
ALTER TABLE idempotency_keys
    ALTER COLUMN operation_id DROP NOT NULL,
    ADD COLUMN answer jsonb;

-- Who did what. Every row has the hash of itself and of the hash before it, so that a row that was
-- changed, taken out or put in between shows. Who cuts the end off is found out by whoever noted
-- the last hash.
CREATE TABLE audit (
    id        bigint PRIMARY KEY,
    at        timestamptz NOT NULL,
    actor     text NOT NULL CHECK (length(actor) BETWEEN 1 AND 300),
    source    text CHECK (length(source) <= 64),
    tenant_id uuid,
    action    text NOT NULL CHECK (action ~ '^[a-z]+(_[a-z]+)*$' AND length(action) <= 64),
    object    text CHECK (length(object) <= 300),
    detail    text NOT NULL CHECK (length(detail) <= 2000),
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE FUNCTION audit_hash(before bytea, id bigint, at timestamptz, actor text, source text,
        tenant_id uuid, action text, object text, detail text)
    RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(before || convert_to(json_build_array(id, (extract(epoch FROM at) * 1000000)::bigint,
        actor, source, tenant_id, action, object, detail)::text, 'UTF8'))
$$;
CREATE FUNCTION audit_is_a_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit%ROWTYPE;
BEGIN
    -- The same lock that orders events: held until commit, taken last.
    PERFORM pg_advisory_xact_lock(7236837021);
    SELECT * INTO last FROM audit ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.hash := audit_hash(coalesce(last.hash, decode(repeat('00', 32), 'hex')), NEW.id, NEW.at,
        NEW.actor, NEW.source, NEW.tenant_id, NEW.action, NEW.object, NEW.detail);
    RETURN NEW;
END $$;
CREATE TRIGGER audit_is_a_chain BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_a_chain();
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_kept BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- When a grant held how much, to the moment: what a tenant borrowed is a sum over these.
CREATE TABLE grant_spans (
    grant_id  uuid NOT NULL REFERENCES grants (id),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    bytes     bigint NOT NULL CHECK (bytes > 0),
    from_at   timestamptz NOT NULL,
    to_at     timestamptz CHECK (to_at >= from_at)
);
CREATE UNIQUE INDEX one_open_span ON grant_spans (grant_id) WHERE to_at IS NULL;
CREATE INDEX grant_spans_of_tenant ON grant_spans (tenant_id, from_at);
CREATE FUNCTION grants_are_measured() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint := NEW.size_bytes * NEW.copies;
    holds boolean := NEW.state NOT IN ('RELEASED', 'FAILED');
    open grant_spans%ROWTYPE;
BEGIN
    SELECT * INTO open FROM grant_spans WHERE grant_id = NEW.id AND to_at IS NULL;
    IF open.grant_id IS NOT NULL AND (NOT holds OR open.bytes <> held) THEN
        UPDATE grant_spans SET to_at = greatest(clock_timestamp(), from_at)
            WHERE grant_id = NEW.id AND to_at IS NULL;
        open.grant_id := NULL;
    ELSIF open.grant_id IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF holds THEN
        INSERT INTO grant_spans (grant_id, tenant_id, bytes, from_at)
            VALUES (NEW.id, NEW.tenant_id, held, clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER grants_are_measured AFTER INSERT OR UPDATE OF state, size_bytes ON grants
    FOR EACH ROW EXECUTE FUNCTION grants_are_measured();
INSERT INTO grant_spans (grant_id, tenant_id, bytes, from_at)
    SELECT id, tenant_id, size_bytes * copies, created_at FROM grants
    WHERE state NOT IN ('RELEASED', 'FAILED');

-- What of a tenant's memory was lent, hour by hour: measured every few seconds and added up.
CREATE TABLE lent_hours (
    tenant_id    uuid NOT NULL REFERENCES tenants (id),
    hour         timestamptz NOT NULL,
    byte_seconds numeric NOT NULL CHECK (byte_seconds >= 0),
    PRIMARY KEY (tenant_id, hour)
);
