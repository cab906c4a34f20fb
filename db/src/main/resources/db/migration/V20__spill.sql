-- Regions on a host's own disk, where a grant of one of its VMs ends up when a lender needs its
-- memory back and no other has room. They are in a table of their own, and no memory.

ALTER TABLE hosts ADD COLUMN spill_boot_id uuid;

ALTER TABLE regions
    ADD COLUMN medium text NOT NULL DEFAULT 'MEMORY' CHECK (medium IN ('MEMORY', 'DISK'));

-- A host's disk serves VMs of its own, and its memory those of others. A table is of one medium, so
-- any of its regions tells which.
ALTER TABLE lenders DROP CONSTRAINT nobody_lends_to_itself;
CREATE FUNCTION only_disks_serve_at_home() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    SELECT medium INTO found FROM regions
        WHERE host_id = NEW.host_id AND boot_id = NEW.boot_id LIMIT 1;
    IF (found = 'DISK') <> (NEW.host_id = NEW.borrower_id) THEN
        RAISE EXCEPTION 'the % of host % cannot serve grant %',
            lower(found), NEW.host_id, NEW.grant_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_disks_serve_at_home BEFORE INSERT ON lenders
    FOR EACH ROW EXECUTE FUNCTION only_disks_serve_at_home();
CREATE INDEX lenders_at_home ON lenders (grant_id, share)
    WHERE host_id = borrower_id AND state NOT IN ('FENCED', 'LOST', 'GONE');

CREATE OR REPLACE FUNCTION regions_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.medium <> OLD.medium THEN
        RAISE EXCEPTION 'region % would become one of another medium', OLD.region_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.generation < OLD.generation THEN
        RAISE EXCEPTION 'generation of region % would fall from % to %',
            OLD.region_id, OLD.generation, NEW.generation USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.grant_id IS NOT NULL AND NEW.grant_id IS DISTINCT FROM OLD.grant_id
            AND (OLD.state <> 'FREE' OR NEW.generation <= OLD.generation)
            AND (OLD.held_for IS DISTINCT FROM NEW.grant_id OR NEW.generation <> OLD.generation) THEN
        RAISE EXCEPTION 'region % is claimed without being free or in an old generation',
            OLD.region_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The counters of a host are of its memory.
CREATE OR REPLACE FUNCTION hosts_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hosts h SET
        offered_regions = h.offered_regions + d.offered,
        claimed_regions = h.claimed_regions + d.claimed,
        blocked_regions = h.blocked_regions + d.blocked
    FROM (SELECT host_id, count(*) AS offered,
                 count(*) FILTER (WHERE state = 'CLAIMED') AS claimed,
                 count(*) FILTER (WHERE state = 'BLOCKED') AS blocked
          FROM added WHERE medium = 'MEMORY' GROUP BY host_id) d
    WHERE h.id = d.host_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION hosts_count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hosts h SET
        offered_regions = h.offered_regions - d.offered,
        claimed_regions = h.claimed_regions - d.claimed,
        blocked_regions = h.blocked_regions - d.blocked
    FROM (SELECT host_id, count(*) AS offered,
                 count(*) FILTER (WHERE state = 'CLAIMED') AS claimed,
                 count(*) FILTER (WHERE state = 'BLOCKED') AS blocked
          FROM removed WHERE medium = 'MEMORY' GROUP BY host_id) d
    WHERE h.id = d.host_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION hosts_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hosts h SET
        claimed_regions = h.claimed_regions + d.claimed,
        blocked_regions = h.blocked_regions + d.blocked
    FROM (SELECT host_id, sum(claimed) AS claimed, sum(blocked) AS blocked
          FROM (SELECT host_id, (state = 'CLAIMED')::int AS claimed,
                       (state = 'BLOCKED')::int AS blocked FROM after WHERE medium = 'MEMORY'
                UNION ALL
                SELECT host_id, -(state = 'CLAIMED')::int, -(state = 'BLOCKED')::int
                    FROM before WHERE medium = 'MEMORY') s
          GROUP BY host_id
          HAVING sum(claimed) <> 0 OR sum(blocked) <> 0) d
    WHERE h.id = d.host_id;
    RETURN NULL;
END $$;
