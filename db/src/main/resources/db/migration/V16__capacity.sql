-- What the fabric and each host had, minute by minute and, for longer, hour by hour: means. The
-- figures of the second are never written. The row of the host whose id is all zeros is the fabric.

CREATE TABLE capacity_minutes (
    host_id         uuid NOT NULL,
    at              timestamptz NOT NULL,
    heard_hosts     integer NOT NULL CHECK (heard_hosts >= 0),
    total_bytes     bigint NOT NULL CHECK (total_bytes >= 0),
    reserve_bytes   bigint NOT NULL CHECK (reserve_bytes >= 0),
    harvested_bytes bigint NOT NULL CHECK (harvested_bytes >= 0),
    offered_bytes   bigint NOT NULL CHECK (offered_bytes >= 0),
    lent_bytes      bigint NOT NULL CHECK (lent_bytes >= 0),
    free_bytes      bigint NOT NULL CHECK (free_bytes >= 0),
    at_risk_bytes   bigint NOT NULL CHECK (at_risk_bytes >= 0),
    PRIMARY KEY (host_id, at),
    CONSTRAINT lent_is_part_of_offered CHECK (lent_bytes <= offered_bytes)
) PARTITION BY RANGE (at);

CREATE TABLE capacity_hours (LIKE capacity_minutes INCLUDING ALL) PARTITION BY RANGE (at);

-- Makes the partitions of a table around a moment, by days or by months, and drops those that end
-- before another. Rows go with their partition: nothing is ever deleted one by one.
CREATE FUNCTION keep_capacity(parent text, unit text, now timestamptz, oldest timestamptz)
    RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc(unit, now, 'UTC');
    step  interval := ('1 ' || unit)::interval;
    part  text;
BEGIN
    FOR i IN -1..1 LOOP
        part := parent || to_char((first + i * step) AT TIME ZONE 'UTC', '_YYYYMMDD');
        IF to_regclass(part) IS NULL AND first + (i + 1) * step > oldest THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                part, parent, first + i * step, first + (i + 1) * step);
        END IF;
    END LOOP;
    FOR part IN SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = parent::regclass
          AND to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD')::timestamp
              AT TIME ZONE 'UTC' + step <= oldest
    LOOP
        EXECUTE format('DROP TABLE %I', part);
    END LOOP;
END $$;
