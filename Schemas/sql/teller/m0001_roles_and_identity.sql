-- Roles, schemas, and the identity that row security trusts.
--
-- Needs PostgreSQL 15 or later in UTF8. Runs as a superuser, or as the owner of the database with CREATEROLE. Every object
-- belongs to teller_owner; a later migration starts with SET LOCAL ROLE teller_owner and ends with RESET ROLE.

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the database is encoded in %; create it with ENCODING ''UTF8''',
            current_setting('server_encoding');
    END IF;
END
$$;

-- Roles belong to the cluster, not to the database: another database may have made them, or may be making them right now
-- (then CREATE ROLE waits and finds them there). They are groups; people and programs log in as members. An existing role
-- is checked rather than altered, because two databases altering one role at once would fail.
DO $$
DECLARE
    wanted name;
    found pg_roles;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['teller_owner', 'teller_worker', 'teller_operator']::name[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format(
                    'CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        SELECT * INTO found FROM pg_roles WHERE rolname = wanted;
        IF found.rolsuper OR found.rolbypassrls OR found.rolcreaterole OR found.rolcreatedb OR found.rolreplication THEN
            RAISE EXCEPTION 'role % has powers beyond those of a group', wanted USING HINT = format(
                'ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION', wanted);
        END IF;
    END LOOP;
    -- A superuser may act as any role; anyone else must belong to the owner to hand objects over to it.
    IF NOT pg_has_role(current_user, 'teller_owner', 'USAGE') THEN
        BEGIN
            EXECUTE format('GRANT teller_owner TO %I', current_user);
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS teller;
CREATE SCHEMA IF NOT EXISTS ledger;
ALTER SCHEMA teller OWNER TO teller_owner;
ALTER SCHEMA ledger OWNER TO teller_owner;
REVOKE ALL ON SCHEMA teller, ledger, public FROM PUBLIC;
GRANT USAGE ON SCHEMA teller TO teller_worker, teller_operator;
GRANT USAGE ON SCHEMA ledger TO teller_worker;

DO $$
BEGIN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO teller_worker, teller_operator', current_database());
END
$$;

-- New functions are executable by PUBLIC unless the default says otherwise; this covers later migrations too.
ALTER DEFAULT PRIVILEGES FOR ROLE teller_owner REVOKE ALL ON TABLES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE teller_owner REVOKE ALL ON SEQUENCES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE teller_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;

SET LOCAL ROLE teller_owner;

-- The ticket
-- ----------
-- Whoever verified a customer signs a ticket: HMAC-SHA256 (RFC 2104), 32 bytes, under a key both sides hold, over
--
--     "teller-ticket-v1"                                    16 bytes of ASCII
--     length of customer in UTF-8 bytes, then those bytes   4 bytes big-endian, then the text
--     length of request in UTF-8 bytes, then those bytes    4 bytes big-endian, then the text
--     expiry, microseconds since 1970-01-01T00:00:00Z       8 bytes big-endian
--
-- The lengths make the message unambiguous: no two tickets share one. Sources/Ledger/Customer.swift builds the same bytes.
-- teller.login verifies a ticket and binds its customer to this backend and transaction by a setting that carries a seal
-- (the same HMAC under a second key, over backend, transaction and customer). Anyone may read or overwrite the setting;
-- without the key that only ends the identity. Nothing is written, so nothing bloats, and a read-only transaction can log in.

-- A key as HMAC uses it: padded to one block of SHA-256 and combined with RFC 2104's inner and outer constants, once, so
-- that verifying costs two hashes and no loop.
CREATE TABLE teller.ticket_keys (
    key_id text PRIMARY KEY,
    inner_pad bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64),
    installed_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz NOT NULL DEFAULT 'infinity'
);
COMMENT ON TABLE teller.ticket_keys IS
    'Keys that customers'' tickets are signed with. Only teller_owner reads them; teller.install_ticket_key writes '
    'them.';

CREATE TABLE teller.seal_key (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    inner_pad bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64)
);
COMMENT ON TABLE teller.seal_key IS
    'The one key that seals an identity within its transaction. Made here, known to nobody, read by teller.login '
    'and teller.me.';

CREATE FUNCTION teller.hmac_pad(secret bytea, constant integer) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key bytea := CASE WHEN octet_length(secret) > 64 THEN sha256(secret) ELSE secret END;
    pad bytea := decode(repeat('00', 64), 'hex');
BEGIN
    FOR i IN 0..63 LOOP
        pad := set_byte(pad, i, CASE WHEN i < octet_length(key) THEN get_byte(key, i) ELSE 0 END # constant);
    END LOOP;
    RETURN pad;
END
$$;
COMMENT ON FUNCTION teller.hmac_pad IS
    'A secret as one SHA-256 block xor 0x36 (54, inner) or 0x5c (92, outer), as in RFC 2104.';

-- Two version 4 UUIDs hold 244 bits from the server's strong random source.
INSERT INTO teller.seal_key (inner_pad, outer_pad)
SELECT teller.hmac_pad(secret, 54), teller.hmac_pad(secret, 92)
FROM (SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) AS secret) AS fresh;

CREATE FUNCTION teller.install_ticket_key(secret bytea, grace interval DEFAULT '1 hour') RETURNS text
LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    id text := left(encode(sha256('teller-key-id-v1'::bytea || secret), 'hex'), 16);
BEGIN
    IF octet_length(secret) < 32 THEN
        RAISE EXCEPTION 'the ticket key has % bytes; use at least 32 random ones', octet_length(secret)
            USING ERRCODE = '22023';
    END IF;
    UPDATE teller.ticket_keys SET retired_at = least(retired_at, now() + grace) WHERE key_id <> id;
    INSERT INTO teller.ticket_keys AS held (key_id, inner_pad, outer_pad)
    VALUES (id, teller.hmac_pad(secret, 54), teller.hmac_pad(secret, 92))
    ON CONFLICT (key_id) DO UPDATE SET retired_at = 'infinity' WHERE held.retired_at <> 'infinity';
    DELETE FROM teller.ticket_keys WHERE retired_at < now();
    RETURN id;
END
$$;
COMMENT ON FUNCTION teller.install_ticket_key IS
    'Makes a secret the ticket key and returns its id. Earlier keys stay valid for the grace period, so that keys '
    'rotate without a pause. Safe to repeat. Only teller_owner may call it.';

CREATE FUNCTION teller.seal(customer text, transaction xid8) RETURNS bytea
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(outer_pad || sha256(
        inner_pad || 'teller-seal-v1'::bytea || int4send(pg_backend_pid()) || xid8send(transaction)
        || convert_to(customer, 'UTF8')))
    FROM teller.seal_key
$$;
COMMENT ON FUNCTION teller.seal IS
    'HMAC-SHA256 over backend, transaction and customer. Callable by teller_owner''s own functions only.';

CREATE FUNCTION teller.login(customer text, request text, expires timestamptz, mac bytea) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    message bytea;
BEGIN
    -- A transaction id, once assigned, stays until the transaction ends, through every savepoint. Demanding that there is
    -- none and then assigning one is therefore a latch: one login a transaction, before any write.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'teller.login must come once, before anything is written in the transaction'
            USING ERRCODE = '28000';
    END IF;
    IF customer IS NULL OR customer = '' OR request IS NULL OR mac IS NULL
        OR expires IS NULL OR NOT isfinite(expires) THEN
        RAISE EXCEPTION 'the ticket is incomplete' USING ERRCODE = '28000';
    END IF;
    IF expires <= now() THEN
        RAISE EXCEPTION 'the ticket has expired; ask for a new one' USING ERRCODE = '28000';
    END IF;
    message := 'teller-ticket-v1'::bytea
        || int4send(octet_length(convert_to(customer, 'UTF8'))) || convert_to(customer, 'UTF8')
        || int4send(octet_length(convert_to(request, 'UTF8'))) || convert_to(request, 'UTF8')
        || int8send((extract(epoch FROM expires) * 1000000)::bigint);
    -- Hashing both sides before comparing leaves nothing to learn from how long the comparison takes.
    IF NOT EXISTS (
        SELECT FROM teller.ticket_keys
        WHERE retired_at > now() AND sha256(sha256(outer_pad || sha256(inner_pad || message))) = sha256(mac)
    ) THEN
        RAISE EXCEPTION 'the ticket is not genuine: no installed key signed it' USING ERRCODE = '28000';
    END IF;
    PERFORM set_config('teller.identity', encode(teller.seal(customer, pg_current_xact_id()), 'hex') || customer, true);
END
$$;
COMMENT ON FUNCTION teller.login IS
    'Verifies a ticket and binds its customer to this backend until the transaction ends. A forged, expired, '
    'transplanted or second ticket: SQLSTATE 28000.';

CREATE FUNCTION teller.me() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    identity text := current_setting('teller.identity', true);
    transaction xid8 := pg_current_xact_id_if_assigned();
BEGIN
    -- After a transaction that logged in the setting reads as '', before the first one as NULL.
    IF transaction IS NULL OR identity IS NULL OR length(identity) <= 64 THEN
        RETURN NULL;
    END IF;
    IF sha256(convert_to(left(identity, 64), 'UTF8'))
        = sha256(convert_to(encode(teller.seal(substr(identity, 65), transaction), 'hex'), 'UTF8')) THEN
        RETURN substr(identity, 65);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teller.me IS
    'The customer that teller.login bound to this transaction, or NULL. Policies compare with (SELECT teller.me()),'
    ' which runs once a statement.';

GRANT EXECUTE ON FUNCTION teller.login, teller.me TO teller_worker;

RESET ROLE;
