-- Addresses and networks that may not connect to the Stratum server, and those whose ban is over
-- but still makes the next one longer. Times are Unix milliseconds.
CREATE TABLE ban (
    network  TEXT PRIMARY KEY, -- "203.0.113.7", "2001:db8:1:1::/64"
    cause    TEXT NOT NULL,    -- a word of causes.def
    count    INTEGER NOT NULL, -- bans in a row
    since_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL  -- 0 = for ever
) STRICT;
