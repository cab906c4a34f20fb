-- Grants of which the hosts and the ledger do not say the same: nothing of them is freed, moved, dropped
-- or resized before an operator ends it.

ALTER TABLE grants
    -- What stands against it at its borrower, as that said last; NULL where nothing does any more.
    ADD COLUMN doubt text CHECK (length(doubt) <= 64),
    DROP CONSTRAINT grants_state_check,
    ADD CONSTRAINT grants_state_check CHECK (state IN ('RESERVED', 'PREPARED', 'ACTIVE', 'DEGRADED',
        'RECALLING', 'QUARANTINED', 'DRAINING', 'FENCED', 'RELEASED', 'FAILED')),
    ADD CONSTRAINT quarantined_grants_have_a_device CHECK (
        state <> 'QUARANTINED' OR (device IN ('ATTACHED', 'DETACHING') AND repair = 'NONE')),
    ADD CONSTRAINT doubted_in_quarantine CHECK (doubt IS NULL OR state = 'QUARANTINED');
CREATE INDEX grants_quarantined ON grants (borrower_id) WHERE state = 'QUARANTINED';
CREATE INDEX regions_disputed ON regions (grant_id) WHERE disputed;

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
            ('ACTIVE', 'QUARANTINED'), ('DEGRADED', 'QUARANTINED'), ('RECALLING', 'QUARANTINED'),
            ('QUARANTINED', 'ACTIVE'), ('QUARANTINED', 'DEGRADED'),
            ('QUARANTINED', 'FENCED'), ('QUARANTINED', 'RELEASED'),
            ('FENCED', 'RELEASED')) THEN
        RAISE EXCEPTION 'grant % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
