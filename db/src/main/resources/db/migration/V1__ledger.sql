-- The ledger: who lends what to whom. See db/README.md.
-- What must never be wrong is a constraint here; the code that would break it fails instead.

CREATE TABLE hosts (
    id               uuid PRIMARY KEY,
    name             text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 253),
    mode             text NOT NULL CHECK (mode IN ('OBSERVE', 'HARVEST', 'PAUSE')),
    lend_limit_bytes bigint NOT NULL CHECK (lend_limit_bytes BETWEEN 0 AND 1125899906842624),
    data_address     text NOT NULL CHECK (length(data_address) BETWEEN 3 AND 300),
    agent_version    text NOT NULL CHECK (length(agent_version) BETWEEN 1 AND 64),
    boot_id          uuid,
    command_revision bigint NOT NULL DEFAULT 0 CHECK (command_revision >= 0),
    offered_regions  integer NOT NULL DEFAULT 0,
    claimed_regions  integer NOT NULL DEFAULT 0,
    blocked_regions  integer NOT NULL DEFAULT 0,
    last_report_at   timestamptz,
    created_at       timestamptz NOT NULL,
    revision         bigint NOT NULL CHECK (revision >= 0),
    CONSTRAINT hosts_lend_what_they_offer CHECK (
        claimed_regions >= 0 AND blocked_regions >= 0
        AND claimed_regions + blocked_regions <= offered_regions)
);

CREATE TABLE join_tokens (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    host_name  text NOT NULL CHECK (length(host_name) BETWEEN 1 AND 253),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at    timestamptz
);

CREATE TABLE agent_tokens (
    host_id    uuid PRIMARY KEY REFERENCES hosts (id),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL
);

CREATE TABLE api_tokens (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL
);

CREATE TABLE vms (
    id           uuid PRIMARY KEY,
    host_id      uuid NOT NULL REFERENCES hosts (id),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 253),
    state        text NOT NULL CHECK (state IN ('RUNNING', 'PAUSED', 'OFF')),
    max_bytes    bigint NOT NULL CHECK (max_bytes >= 0),
    guest_daemon boolean NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX vms_of_host ON vms (host_id, id);

CREATE TABLE grants (
    id              uuid PRIMARY KEY,
    vm_id           uuid NOT NULL,
    borrower_id     uuid NOT NULL REFERENCES hosts (id),
    requested_bytes bigint NOT NULL,
    size_bytes      bigint NOT NULL,
    attach_mode     text NOT NULL CHECK (attach_mode IN ('SWAP', 'DEVICE')),
    latency_class   text NOT NULL CHECK (latency_class IN ('LOW', 'STANDARD', 'ANY')),
    copies          integer NOT NULL CHECK (copies BETWEEN 1 AND 2),
    serial          text NOT NULL UNIQUE CHECK (length(serial) BETWEEN 1 AND 20),
    epoch           bigint NOT NULL CHECK (epoch >= 1),
    state           text NOT NULL CHECK (state IN
        ('RESERVED', 'PREPARED', 'ACTIVE', 'DRAINING', 'FENCED', 'RELEASED', 'FAILED')),
    device          text NOT NULL CHECK (device IN
        ('ABSENT', 'ATTACHING', 'ATTACHED', 'DETACHING')),
    problem_code    text CHECK (length(problem_code) BETWEEN 1 AND 64),
    problem_detail  text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    revision        bigint NOT NULL CHECK (revision >= 0),
    UNIQUE (id, borrower_id),
    CONSTRAINT grants_are_whole_regions CHECK (
        size_bytes > 0 AND size_bytes % 67108864 = 0 AND size_bytes <= 1099511627776
        AND requested_bytes > 0 AND requested_bytes <= size_bytes
        AND size_bytes - requested_bytes < 67108864),
    CONSTRAINT active_grants_have_a_device CHECK (
        (state <> 'ACTIVE' OR device = 'ATTACHED')
        AND (state NOT IN ('RESERVED', 'FENCED', 'RELEASED') OR device = 'ABSENT')),
    CONSTRAINT problems_have_a_code CHECK (problem_detail IS NULL OR problem_code IS NOT NULL)
);
CREATE INDEX grants_of_vm ON grants (vm_id, id);
CREATE INDEX grants_of_borrower ON grants (borrower_id, id)
    WHERE state NOT IN ('RELEASED', 'FAILED');

CREATE TABLE regions (
    host_id    uuid NOT NULL REFERENCES hosts (id),
    boot_id    uuid NOT NULL,
    region_id  bigint NOT NULL CHECK (region_id >= 0),
    generation bigint NOT NULL CHECK (generation >= 0),
    state      text NOT NULL CHECK (state IN ('FREE', 'CLAIMED', 'BLOCKED')),
    grant_id   uuid REFERENCES grants (id),
    PRIMARY KEY (host_id, boot_id, region_id),
    CONSTRAINT claimed_regions_have_an_owner CHECK ((state = 'CLAIMED') = (grant_id IS NOT NULL))
);
CREATE INDEX regions_free ON regions (host_id, boot_id, region_id) WHERE state = 'FREE';
CREATE INDEX regions_of_grant ON regions (grant_id, host_id) WHERE grant_id IS NOT NULL;

CREATE TABLE lenders (
    grant_id    uuid NOT NULL,
    borrower_id uuid NOT NULL,
    host_id     uuid NOT NULL REFERENCES hosts (id),
    boot_id     uuid NOT NULL,
    capability  text NOT NULL CHECK (capability ~ '^[0-9a-f]{32}$'),
    state       text NOT NULL CHECK (state IN
        ('PREPARING', 'READY', 'FENCING', 'FENCED', 'LOST')),
    PRIMARY KEY (grant_id, host_id),
    FOREIGN KEY (grant_id, borrower_id) REFERENCES grants (id, borrower_id),
    CONSTRAINT nobody_lends_to_itself CHECK (host_id <> borrower_id)
);
CREATE INDEX lenders_of_host ON lenders (host_id, grant_id) WHERE state NOT IN ('FENCED', 'LOST');

CREATE TABLE extents (
    grant_id uuid NOT NULL REFERENCES grants (id),
    index    integer NOT NULL CHECK (index BETWEEN 0 AND 16383),
    PRIMARY KEY (grant_id, index)
);

CREATE TABLE legs (
    grant_id     uuid NOT NULL,
    extent_index integer NOT NULL,
    leg_index    integer NOT NULL CHECK (leg_index BETWEEN 0 AND 1),
    host_id      uuid NOT NULL,
    boot_id      uuid NOT NULL,
    region_id    bigint NOT NULL,
    generation   bigint NOT NULL CHECK (generation >= 1),
    state        text NOT NULL CHECK (state IN ('LIVE', 'ENDED', 'LOST')),
    PRIMARY KEY (grant_id, extent_index, leg_index),
    FOREIGN KEY (grant_id, extent_index) REFERENCES extents (grant_id, index),
    FOREIGN KEY (grant_id, host_id) REFERENCES lenders (grant_id, host_id),
    CONSTRAINT legs_of_an_extent_on_different_hosts UNIQUE (grant_id, extent_index, host_id),
    CONSTRAINT a_generation_is_claimed_once UNIQUE (host_id, boot_id, region_id, generation)
);
-- At most one grant can reach a region.
CREATE UNIQUE INDEX one_live_owner ON legs (host_id, boot_id, region_id) WHERE state = 'LIVE';

CREATE TABLE commands (
    id          uuid PRIMARY KEY,
    host_id     uuid NOT NULL REFERENCES hosts (id),
    sequence    bigint NOT NULL CHECK (sequence >= 1),
    grant_id    uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN
        ('prepare-regions', 'fence-regions', 'attach-grant', 'detach-grant')),
    body        jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    answered_at timestamptz,
    outcome     text CHECK (outcome IN ('DONE', 'REFUSED', 'VOID')),
    code        text CHECK (length(code) BETWEEN 1 AND 64),
    detail      text CHECK (length(detail) <= 2000),
    UNIQUE (host_id, sequence),
    CONSTRAINT answered_with_an_outcome CHECK ((answered_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT refused_with_a_code CHECK (outcome <> 'REFUSED' OR code IS NOT NULL)
);
CREATE INDEX commands_unanswered ON commands (host_id, sequence) WHERE outcome IS NULL;
CREATE INDEX commands_of_grant ON commands (grant_id);

CREATE TABLE operations (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('GRANT_CREATE', 'GRANT_RELEASE')),
    grant_id     uuid NOT NULL REFERENCES grants (id),
    done         boolean NOT NULL,
    error_code   text CHECK (length(error_code) BETWEEN 1 AND 64),
    error_detail text,
    created_at   timestamptz NOT NULL,
    done_at      timestamptz,
    CONSTRAINT done_at_a_time CHECK (done = (done_at IS NOT NULL)),
    CONSTRAINT only_ended_operations_fail CHECK (done OR error_code IS NULL)
);
CREATE UNIQUE INDEX one_open_operation ON operations (grant_id, kind) WHERE NOT done;

CREATE TABLE idempotency_keys (
    api_token_id uuid NOT NULL REFERENCES api_tokens (id),
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    operation_id uuid NOT NULL REFERENCES operations (id) DEFERRABLE INITIALLY DEFERRED,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (api_token_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE events (
    id       bigint PRIMARY KEY,
    at       timestamptz NOT NULL,
    type     text NOT NULL CHECK (type ~ '^[a-z]+(_[a-z]+)*$' AND length(type) <= 64),
    host_id  uuid,
    vm_id    uuid,
    grant_id uuid,
    detail   text NOT NULL CHECK (length(detail) <= 2000)
);
CREATE SEQUENCE event_ids;
