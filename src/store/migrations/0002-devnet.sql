-- Blocks of the development network. `chain` is the hash of its first block (one for each
-- algorithm and block interval); hashes in internal order; `block` is the whole block.
CREATE TABLE devnet_block (
    chain   BLOB NOT NULL,
    hash    BLOB NOT NULL,
    height  INTEGER NOT NULL,
    invalid INTEGER NOT NULL DEFAULT 0, -- thrown out by a reorganisation on command
    block   BLOB NOT NULL,
    UNIQUE (chain, hash)
);
CREATE INDEX devnet_block_height ON devnet_block (chain, height);
