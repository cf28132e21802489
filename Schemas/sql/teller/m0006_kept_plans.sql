-- Functions that are called for each request, in PL/pgSQL: it keeps a statement's plan for the session, where a function in
-- SQL plans it again in each transaction.

SET LOCAL ROLE teller_owner;

CREATE OR REPLACE FUNCTION teller.seal(customer text, transaction xid8) RETURNS bytea
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
        SELECT sha256(outer_pad || sha256(
            inner_pad || 'teller-seal-v1'::bytea || int4send(pg_backend_pid()) || xid8send(transaction)
            || convert_to(customer, 'UTF8')))
        FROM teller.seal_key);
END
$$;

CREATE OR REPLACE FUNCTION teller.published(answers uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM teller.outbox WHERE answer_id = ANY (answers);
END
$$;

RESET ROLE;
