-- Rules that a CHECK cannot express.

CREATE FUNCTION regions_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.generation < OLD.generation THEN
        RAISE EXCEPTION 'generation of region % would fall from % to %',
            OLD.region_id, OLD.generation, NEW.generation USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.grant_id IS NOT NULL AND NEW.grant_id IS DISTINCT FROM OLD.grant_id
            AND (OLD.state <> 'FREE' OR NEW.generation <= OLD.generation) THEN
        RAISE EXCEPTION 'region % is claimed without being free or in an old generation',
            OLD.region_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER regions_only_grow BEFORE UPDATE ON regions
    FOR EACH ROW EXECUTE FUNCTION regions_only_grow();

CREATE FUNCTION legs_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT 1 FROM legs l WHERE l.host_id = NEW.host_id AND l.boot_id = NEW.boot_id
                AND l.region_id = NEW.region_id AND l.generation >= NEW.generation) THEN
            RAISE EXCEPTION 'region % was claimed in generation % or a later one',
                NEW.region_id, NEW.generation USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.state <> 'LIVE' AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a leg that ended stays ended' USING ERRCODE = 'check_violation';
    ELSIF ROW(NEW.host_id, NEW.boot_id, NEW.region_id, NEW.generation)
            IS DISTINCT FROM ROW(OLD.host_id, OLD.boot_id, OLD.region_id, OLD.generation) THEN
        RAISE EXCEPTION 'a leg never moves' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legs_only_grow BEFORE INSERT OR UPDATE ON legs
    FOR EACH ROW EXECUTE FUNCTION legs_only_grow();

CREATE FUNCTION grants_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch < OLD.epoch THEN
        RAISE EXCEPTION 'epoch of grant % would fall', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
            ('RESERVED', 'PREPARED'), ('RESERVED', 'FENCED'), ('RESERVED', 'FAILED'),
            ('RESERVED', 'RELEASED'),
            ('PREPARED', 'ACTIVE'), ('PREPARED', 'DRAINING'), ('PREPARED', 'FAILED'),
            ('ACTIVE', 'DRAINING'),
            ('DRAINING', 'ACTIVE'), ('DRAINING', 'FENCED'), ('DRAINING', 'RELEASED'),
            ('FENCED', 'RELEASED')) THEN
        RAISE EXCEPTION 'grant % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grants_only_grow BEFORE UPDATE ON grants
    FOR EACH ROW EXECUTE FUNCTION grants_only_grow();

-- At commit a new grant has exactly the extents of its size and the legs of its copies.
CREATE FUNCTION grants_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    extents_found bigint;
    legs_found bigint;
BEGIN
    SELECT count(*) INTO extents_found FROM extents WHERE grant_id = NEW.id;
    SELECT count(*) INTO legs_found FROM legs WHERE grant_id = NEW.id;
    IF extents_found * 67108864 <> NEW.size_bytes OR legs_found <> extents_found * NEW.copies THEN
        RAISE EXCEPTION 'grant % of % bytes has % extents and % legs',
            NEW.id, NEW.size_bytes, extents_found, legs_found USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER grants_add_up AFTER INSERT ON grants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grants_add_up();

-- A host's counters follow its regions, statement by statement. The row lock that the update takes
-- also puts competing claims on one lender in a line.
CREATE FUNCTION hosts_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hosts h SET
        offered_regions = h.offered_regions + d.offered,
        claimed_regions = h.claimed_regions + d.claimed,
        blocked_regions = h.blocked_regions + d.blocked
    FROM (SELECT host_id, count(*) AS offered,
                 count(*) FILTER (WHERE state = 'CLAIMED') AS claimed,
                 count(*) FILTER (WHERE state = 'BLOCKED') AS blocked
          FROM added GROUP BY host_id) d
    WHERE h.id = d.host_id;
    RETURN NULL;
END $$;
CREATE TRIGGER hosts_count_added AFTER INSERT ON regions
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hosts_count_added();

CREATE FUNCTION hosts_count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hosts h SET
        offered_regions = h.offered_regions - d.offered,
        claimed_regions = h.claimed_regions - d.claimed,
        blocked_regions = h.blocked_regions - d.blocked
    FROM (SELECT host_id, count(*) AS offered,
                 count(*) FILTER (WHERE state = 'CLAIMED') AS claimed,
                 count(*) FILTER (WHERE state = 'BLOCKED') AS blocked
          FROM removed GROUP BY host_id) d
    WHERE h.id = d.host_id;
    RETURN NULL;
END $$;
CREATE TRIGGER hosts_count_removed AFTER DELETE ON regions
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION hosts_count_removed();

CREATE FUNCTION hosts_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hosts h SET
        claimed_regions = h.claimed_regions + d.claimed,
        blocked_regions = h.blocked_regions + d.blocked
    FROM (SELECT host_id, sum(claimed) AS claimed, sum(blocked) AS blocked
          FROM (SELECT host_id, (state = 'CLAIMED')::int AS claimed,
                       (state = 'BLOCKED')::int AS blocked FROM after
                UNION ALL
                SELECT host_id, -(state = 'CLAIMED')::int, -(state = 'BLOCKED')::int FROM before) s
          GROUP BY host_id
          HAVING sum(claimed) <> 0 OR sum(blocked) <> 0) d
    WHERE h.id = d.host_id;
    RETURN NULL;
END $$;
CREATE TRIGGER hosts_count_changed AFTER UPDATE ON regions
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION hosts_count_changed();

CREATE FUNCTION hosts_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.command_revision < OLD.command_revision OR NEW.revision < OLD.revision THEN
        RAISE EXCEPTION 'a revision of host % would fall', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hosts_only_grow BEFORE UPDATE ON hosts
    FOR EACH ROW EXECUTE FUNCTION hosts_only_grow();

CREATE FUNCTION commands_are_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome IS NOT NULL OR ROW(NEW.id, NEW.host_id, NEW.sequence, NEW.grant_id, NEW.body)
            IS DISTINCT FROM ROW(OLD.id, OLD.host_id, OLD.sequence, OLD.grant_id, OLD.body) THEN
        RAISE EXCEPTION 'command % is answered once and never changed', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER commands_are_answered_once BEFORE UPDATE ON commands
    FOR EACH ROW EXECUTE FUNCTION commands_are_answered_once();

-- Events get their number under a lock that is held until commit, so that numbers become visible
-- in their order and a reader that asks for what came after N never misses one.
CREATE FUNCTION events_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7236837021);
    NEW.id := nextval('event_ids');
    RETURN NEW;
END $$;
CREATE TRIGGER events_in_order BEFORE INSERT ON events
    FOR EACH ROW EXECUTE FUNCTION events_in_order();

CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are only ever added' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION events_are_append_only();
CREATE TRIGGER events_are_kept BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_append_only();
