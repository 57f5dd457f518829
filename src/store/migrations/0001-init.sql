-- Accounts, ledger, blocks, shares. Amounts are atomic units of the chain's coin; work is in
-- micro-difficulty (difficulty x 10^6); times are Unix milliseconds. `chain` is "coin/network", with
-- the algorithm behind it where the coin leaves that open ("devnet/regtest/scrypt").

-- Positive balances are what the pool owes, negative ones what the chain holds for it.
CREATE TABLE account (
    id         INTEGER PRIMARY KEY,
    chain      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('coinbase', 'wallet', 'immature', 'miner', 'fee',
                                             'remainder', 'reserve', 'payout')),
    owner      TEXT NOT NULL, -- an address, "local", "" = the pool; immature: "KIND:OWNER" of its goal
    matures_to INTEGER REFERENCES account (id),
    balance    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (chain, kind, owner)
) STRICT;

-- The only value that the sum of a transaction may have when it commits.
CREATE TABLE zero (value INTEGER PRIMARY KEY CHECK (value = 0)) STRICT;
INSERT INTO zero VALUES (0);
CREATE TRIGGER zero_stays BEFORE DELETE ON zero
BEGIN
    SELECT raise(ABORT, 'zero stays');
END;

CREATE TABLE ledger_tx (
    id    INTEGER PRIMARY KEY,
    key   TEXT NOT NULL UNIQUE, -- says once what happens once: "credit:HASH:0"
    chain TEXT NOT NULL,
    kind  TEXT NOT NULL,
    block BLOB,
    at_ms INTEGER NOT NULL,
    sum   INTEGER NOT NULL DEFAULT 0
          REFERENCES zero (value) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX ledger_tx_block ON ledger_tx (block) WHERE block IS NOT NULL;

CREATE TABLE entry (
    tx      INTEGER NOT NULL REFERENCES ledger_tx (id),
    account INTEGER NOT NULL REFERENCES account (id),
    amount  INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (tx, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_account ON entry (account);

CREATE TRIGGER entry_counts AFTER INSERT ON entry
BEGIN
    UPDATE ledger_tx SET sum = sum + new.amount WHERE id = new.tx;
    UPDATE account SET balance = balance + new.amount WHERE id = new.account;
END;
CREATE TRIGGER entry_append_only_update BEFORE UPDATE ON entry
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER entry_append_only_delete BEFORE DELETE ON entry
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_tx_append_only_update BEFORE UPDATE OF id, key, chain, kind, block, at_ms
ON ledger_tx
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_tx_append_only_delete BEFORE DELETE ON ledger_tx
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER account_stays BEFORE DELETE ON account
BEGIN
    SELECT raise(ABORT, 'the ledger is append-only');
END;

CREATE TABLE block (
    hash          BLOB PRIMARY KEY CHECK (length(hash) = 32), -- internal order
    chain         TEXT NOT NULL,
    height        INTEGER NOT NULL,
    state         INTEGER NOT NULL, -- enum block_state
    reward        INTEGER NOT NULL,
    fee           INTEGER NOT NULL,
    found_ms      INTEGER NOT NULL,
    finder        TEXT NOT NULL,
    share_seq     INTEGER NOT NULL,           -- newest share row of its reward window
    confirmations INTEGER NOT NULL DEFAULT 0,
    turn          INTEGER NOT NULL DEFAULT 0, -- how often it was reversed or brought back
    settled       INTEGER NOT NULL DEFAULT 0, -- its state is final and no longer asked for
    detail        TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX block_time ON block (chain, found_ms);
CREATE INDEX block_unsettled ON block (chain) WHERE settled = 0;
CREATE TRIGGER block_stays BEFORE DELETE ON block
BEGIN
    SELECT raise(ABORT, 'blocks are kept');
END;

-- The whole block, until it is settled: to submit it again after a crash.
CREATE TABLE block_raw (
    hash BLOB PRIMARY KEY REFERENCES block (hash),
    raw  BLOB NOT NULL
) STRICT;

CREATE TABLE worker (
    id      INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id),
    name    TEXT NOT NULL,
    seen_ms INTEGER NOT NULL, -- first share
    UNIQUE (account, name)
) STRICT;

-- Sums by worker, minute and job difficulty, in the order of `seq`. Later a slice of the reward
-- window holds one row for each account (worker NULL); what is past the window is deleted. Solo
-- work keeps one row for each worker, for the effort of the round.
CREATE TABLE share (
    seq        INTEGER PRIMARY KEY,
    chain      TEXT NOT NULL,
    account    INTEGER NOT NULL REFERENCES account (id),
    worker     INTEGER,
    solo       INTEGER NOT NULL, -- 1: outside the reward window
    difficulty INTEGER NOT NULL, -- micro-difficulty of each share; 0 = several
    work       INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    first_ms   INTEGER NOT NULL,
    last_ms    INTEGER NOT NULL
) STRICT;
