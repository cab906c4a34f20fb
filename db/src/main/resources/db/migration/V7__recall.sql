-- Lenders that need their memory back, hosts that are taken out of service, and what placement
-- looks at.

ALTER TABLE hosts
    ADD COLUMN scheduling text NOT NULL DEFAULT 'OPEN'
        CHECK (scheduling IN ('OPEN', 'CORDONED', 'DRAINED')),
    ADD COLUMN rack text CHECK (length(rack) BETWEEN 1 AND 64),
    ADD COLUMN power text CHECK (length(power) BETWEEN 1 AND 64),
    ADD COLUMN zone text CHECK (length(zone) BETWEEN 1 AND 64),
    -- What recalls leave it to lend, or null where none is in force.
    ADD COLUMN keep_regions integer CHECK (keep_regions >= 0);

ALTER TABLE fabric
    ADD COLUMN largest_share_percent integer NOT NULL DEFAULT 100
        CHECK (largest_share_percent BETWEEN 1 AND 100),
    ADD COLUMN low_latency_nanos bigint NOT NULL DEFAULT 20000
        CHECK (low_latency_nanos BETWEEN 1 AND 1000000000),
    ADD COLUMN survive_largest_lender boolean NOT NULL DEFAULT false;

ALTER TABLE grants
    ADD COLUMN notice text NOT NULL DEFAULT 'STANDARD'
        CHECK (notice IN ('GUARANTEED', 'STANDARD', 'SPOT')),
    -- Why its legs are where they are: what placement saw and what it answered.
    ADD COLUMN placement jsonb,
    DROP CONSTRAINT grants_repair_check,
    ADD CONSTRAINT grants_repair_check CHECK (repair IN
        ('NONE', 'PREPARING', 'JOINING', 'DROPPING')),
    DROP CONSTRAINT grants_state_check,
    ADD CONSTRAINT grants_state_check CHECK (state IN ('RESERVED', 'PREPARED', 'ACTIVE', 'DEGRADED',
        'RECALLING', 'DRAINING', 'FENCED', 'RELEASED', 'FAILED')),
    DROP CONSTRAINT active_grants_have_a_device,
    ADD CONSTRAINT active_grants_have_a_device CHECK (
        (state NOT IN ('ACTIVE', 'DEGRADED', 'RECALLING') OR device = 'ATTACHED')
        AND (state NOT IN ('RESERVED', 'FENCED', 'RELEASED') OR device = 'ABSENT')),
    DROP CONSTRAINT only_mirrored_grants_are_repaired,
    ADD CONSTRAINT only_mirrored_grants_are_repaired CHECK (
        copies > 1 OR (state <> 'DEGRADED' AND repair <> 'DROPPING')),
    DROP CONSTRAINT repaired_while_there_is_a_device,
    ADD CONSTRAINT legs_change_while_there_is_a_device CHECK (
        repair = 'NONE' OR (repair = 'PREPARING' AND state IN ('DEGRADED', 'RECALLING'))
        OR (repair IN ('JOINING', 'DROPPING')
            AND state IN ('DEGRADED', 'RECALLING', 'DRAINING'))),
    ADD CONSTRAINT recalled_while_legs_change CHECK (state <> 'RECALLING' OR repair <> 'NONE');

ALTER TABLE lenders
    DROP CONSTRAINT lenders_state_check,
    ADD CONSTRAINT lenders_state_check CHECK (state IN ('PREPARING', 'READY', 'COMING', 'JOINING',
        'LEAVING', 'DROPPED', 'FENCING', 'FENCED', 'LOST', 'GONE'));

ALTER TABLE commands
    DROP CONSTRAINT commands_kind_check,
    ADD CONSTRAINT commands_kind_check CHECK (kind IN ('prepare-regions', 'fence-regions',
        'attach-grant', 'replace-legs', 'drop-legs', 'detach-grant'));

-- Fences that are on their way while the broker is brought up to date.
ALTER TABLE commands DISABLE TRIGGER commands_are_answered_once;
UPDATE commands SET body = body || '{"withdraw": false}'
    WHERE kind = 'fence-regions' AND outcome IS NULL;
ALTER TABLE commands ENABLE TRIGGER commands_are_answered_once;

-- A lender needs memory back by a deadline. The deadline orders and warns; it frees nothing.
CREATE TABLE recalls (
    id            uuid PRIMARY KEY,
    host_id       uuid NOT NULL REFERENCES hosts (id),
    reason        text NOT NULL CHECK (reason IN ('OPERATOR', 'SHORTAGE', 'DRAIN')),
    wanted_bytes  bigint NOT NULL CHECK (wanted_bytes >= 0),
    -- What the host may go on offering, and what it offered when the recall began.
    keep_regions  integer NOT NULL CHECK (keep_regions >= 0),
    found_regions integer NOT NULL CHECK (found_regions >= 0),
    state         text NOT NULL CHECK (state IN ('OPEN', 'DONE', 'ENDED')),
    deadline      timestamptz NOT NULL,
    hold_until    timestamptz NOT NULL,
    problem       text CHECK (length(problem) <= 2000),
    plan          text CHECK (length(plan) <= 2000),
    late          boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    done_at       timestamptz,
    CONSTRAINT over_at_a_time CHECK ((state = 'OPEN') = (done_at IS NULL))
);
CREATE UNIQUE INDEX one_open_recall ON recalls (host_id) WHERE state = 'OPEN';
CREATE INDEX recalls_in_force ON recalls (host_id, hold_until) WHERE state <> 'ENDED';
CREATE INDEX legs_of_host ON legs (host_id) WHERE state = 'LIVE' AND use = 'HELD';

CREATE OR REPLACE FUNCTION grants_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch < OLD.epoch THEN
        RAISE EXCEPTION 'epoch of grant % would fall', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
            ('RESERVED', 'PREPARED'), ('RESERVED', 'FENCED'), ('RESERVED', 'FAILED'),
            ('RESERVED', 'RELEASED'),
            ('PREPARED', 'ACTIVE'), ('PREPARED', 'DEGRADED'), ('PREPARED', 'DRAINING'),
            ('PREPARED', 'FAILED'),
            ('ACTIVE', 'DEGRADED'), ('DEGRADED', 'ACTIVE'),
            ('ACTIVE', 'RECALLING'), ('DEGRADED', 'RECALLING'),
            ('RECALLING', 'ACTIVE'), ('RECALLING', 'DEGRADED'), ('RECALLING', 'DRAINING'),
            ('ACTIVE', 'DRAINING'), ('DEGRADED', 'DRAINING'),
            ('DRAINING', 'ACTIVE'), ('DRAINING', 'DEGRADED'), ('DRAINING', 'RECALLING'),
            ('DRAINING', 'FENCED'), ('DRAINING', 'RELEASED'),
            ('FENCED', 'RELEASED')) THEN
        RAISE EXCEPTION 'grant % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
