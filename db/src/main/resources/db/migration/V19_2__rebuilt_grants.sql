-- For whom a lender keeps a region that is blocked, and the way back into the ledger: a grant that the
-- ledger lost takes the regions that are kept for it, in the generations in which it has them.
ALTER TABLE regions
    ADD COLUMN held_for uuid,
    ADD CONSTRAINT held_while_blocked CHECK (held_for IS NULL OR state = 'BLOCKED');

CREATE OR REPLACE FUNCTION regions_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
