-- Legs that are replaced while the grant lives. A lender's part in a grant is a share with a number
-- of its own, because one host may lend to one grant again: after it lost its table, or more of it.

ALTER TABLE grants
    ADD COLUMN repair text NOT NULL DEFAULT 'NONE'
        CHECK (repair IN ('NONE', 'PREPARING', 'JOINING')),
    DROP CONSTRAINT grants_state_check,
    ADD CONSTRAINT grants_state_check CHECK (state IN
        ('RESERVED', 'PREPARED', 'ACTIVE', 'DEGRADED', 'DRAINING', 'FENCED', 'RELEASED', 'FAILED')),
    DROP CONSTRAINT active_grants_have_a_device,
    ADD CONSTRAINT active_grants_have_a_device CHECK (
        (state NOT IN ('ACTIVE', 'DEGRADED') OR device = 'ATTACHED')
        AND (state NOT IN ('RESERVED', 'FENCED', 'RELEASED') OR device = 'ABSENT')),
    ADD CONSTRAINT only_mirrored_grants_are_repaired CHECK (
        copies > 1 OR (state <> 'DEGRADED' AND repair = 'NONE')),
    ADD CONSTRAINT repaired_while_there_is_a_device CHECK (
        repair = 'NONE' OR (repair = 'PREPARING' AND state = 'DEGRADED')
        OR (repair = 'JOINING' AND state IN ('DEGRADED', 'DRAINING')));
ALTER TABLE grants ALTER COLUMN repair DROP DEFAULT;
CREATE INDEX grants_degraded ON grants (id) WHERE state = 'DEGRADED';

ALTER TABLE legs DROP CONSTRAINT legs_grant_id_host_id_fkey;
ALTER TABLE lenders
    DROP CONSTRAINT lenders_pkey,
    ADD COLUMN share integer,
    ADD COLUMN asked_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN refused_at timestamptz,
    DROP CONSTRAINT lenders_state_check,
    ADD CONSTRAINT lenders_state_check CHECK (state IN ('PREPARING', 'READY', 'COMING', 'JOINING',
        'FENCING', 'FENCED', 'LOST', 'GONE'));
UPDATE lenders l SET share = n.share
FROM (SELECT grant_id, host_id,
             row_number() OVER (PARTITION BY grant_id ORDER BY host_id) - 1 AS share
      FROM lenders) n
WHERE l.grant_id = n.grant_id AND l.host_id = n.host_id;
ALTER TABLE lenders
    ALTER COLUMN asked_at DROP DEFAULT,
    ALTER COLUMN share SET NOT NULL,
    ADD CONSTRAINT lenders_share_check CHECK (share >= 0),
    ADD PRIMARY KEY (grant_id, share),
    ADD CONSTRAINT a_share_is_of_one_table UNIQUE (grant_id, share, host_id, boot_id);
DROP INDEX lenders_of_host;
CREATE INDEX lenders_of_host ON lenders (host_id, grant_id)
    WHERE state NOT IN ('FENCED', 'LOST', 'GONE');
CREATE INDEX lenders_asked ON lenders (asked_at) WHERE state IN ('PREPARING', 'COMING');

-- A leg has two sides: what its lender has (state), and what the borrower has (use).
ALTER TABLE legs
    DROP CONSTRAINT legs_pkey,
    DROP CONSTRAINT legs_of_an_extent_on_different_hosts,
    ADD COLUMN share integer,
    ADD COLUMN use text NOT NULL DEFAULT 'HELD' CHECK (use IN ('COMING', 'HELD', 'PAST'));
UPDATE legs l SET share = n.share FROM lenders n
WHERE l.grant_id = n.grant_id AND l.host_id = n.host_id;
ALTER TABLE legs
    ALTER COLUMN use DROP DEFAULT,
    ALTER COLUMN share SET NOT NULL,
    DROP CONSTRAINT a_generation_is_claimed_once,
    ADD CONSTRAINT a_generation_is_claimed_once
        PRIMARY KEY (host_id, boot_id, region_id, generation),
    ADD FOREIGN KEY (grant_id, share, host_id, boot_id)
        REFERENCES lenders (grant_id, share, host_id, boot_id);
CREATE UNIQUE INDEX one_leg_in_use ON legs (grant_id, extent_index, leg_index) WHERE use = 'HELD';
CREATE UNIQUE INDEX one_leg_to_come ON legs (grant_id, extent_index, leg_index)
    WHERE use = 'COMING';
CREATE UNIQUE INDEX legs_of_an_extent_on_different_hosts ON legs (grant_id, extent_index, host_id)
    WHERE state = 'LIVE' AND use <> 'PAST';
CREATE INDEX legs_of_share ON legs (grant_id, share);

ALTER TABLE commands
    DROP CONSTRAINT commands_kind_check,
    ADD CONSTRAINT commands_kind_check CHECK (kind IN
        ('prepare-regions', 'fence-regions', 'attach-grant', 'replace-legs', 'detach-grant'));

CREATE OR REPLACE FUNCTION legs_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT 1 FROM legs l WHERE l.host_id = NEW.host_id AND l.boot_id = NEW.boot_id
                AND l.region_id = NEW.region_id AND l.generation >= NEW.generation) THEN
            RAISE EXCEPTION 'region % was claimed in generation % or a later one',
                NEW.region_id, NEW.generation USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.state <> 'LIVE' AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a leg that ended stays ended' USING ERRCODE = 'check_violation';
    ELSIF NEW.use <> OLD.use AND (NEW.use = 'COMING' OR OLD.use = 'PAST') THEN
        RAISE EXCEPTION 'a leg cannot go from % to %', OLD.use, NEW.use
            USING ERRCODE = 'check_violation';
    ELSIF ROW(NEW.grant_id, NEW.extent_index, NEW.leg_index,
              NEW.host_id, NEW.boot_id, NEW.region_id, NEW.generation)
            IS DISTINCT FROM ROW(OLD.grant_id, OLD.extent_index, OLD.leg_index,
              OLD.host_id, OLD.boot_id, OLD.region_id, OLD.generation) THEN
        RAISE EXCEPTION 'a leg never moves' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

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
            ('ACTIVE', 'DRAINING'), ('DEGRADED', 'DRAINING'),
            ('DRAINING', 'ACTIVE'), ('DRAINING', 'DEGRADED'),
            ('DRAINING', 'FENCED'), ('DRAINING', 'RELEASED'),
            ('FENCED', 'RELEASED')) THEN
        RAISE EXCEPTION 'grant % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- At commit a new grant has exactly the extents of its size and the legs of its copies, and so has
-- one whose legs were replaced.
CREATE OR REPLACE FUNCTION grants_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    extents_found bigint;
    legs_found bigint;
BEGIN
    SELECT count(*) INTO extents_found FROM extents WHERE grant_id = NEW.id;
    SELECT count(*) INTO legs_found FROM legs
        WHERE grant_id = NEW.id AND use = 'HELD' AND leg_index < NEW.copies;
    IF extents_found * 67108864 <> NEW.size_bytes OR legs_found <> extents_found * NEW.copies THEN
        RAISE EXCEPTION 'grant % of % bytes has % extents and % legs',
            NEW.id, NEW.size_bytes, extents_found, legs_found USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER grants_add_up_after_repair AFTER UPDATE OF repair ON grants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.repair <> NEW.repair)
    EXECUTE FUNCTION grants_add_up();
