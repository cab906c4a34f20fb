-- What holds for the whole fabric: one row.

CREATE TABLE fabric (
    id smallint PRIMARY KEY CHECK (id = 1),
    harvesting text NOT NULL CHECK (harvesting IN ('ALLOWED', 'STOPPED')),
    revision bigint NOT NULL
);
INSERT INTO fabric (id, harvesting, revision) VALUES (1, 'ALLOWED', 0);
