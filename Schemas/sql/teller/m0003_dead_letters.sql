-- Dead letters: all that is known of a message that was given up, what operators do with it, and the record of what they did.
--
-- An operator reads every column of teller.failures but the body and the credentials. Those are handed out by
-- teller.take_messages alone, which writes an entry in the operators' audit chain for each message.

SET LOCAL ROLE teller_owner;

-- What of a body tells one request from another and is none of the customer's words: its ids, and the tool of a given plan.
-- NULL for a body that is no JSON object; never an error, since bodies here are those that nobody could read.
CREATE FUNCTION teller.outline(message_body bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    document jsonb;
BEGIN
    IF octet_length(message_body) > 65536 THEN
        RETURN NULL;
    END IF;
    document := convert_from(message_body, 'UTF8')::jsonb;
    IF jsonb_typeof(document) <> 'object' THEN
        RETURN NULL;
    END IF;
    RETURN coalesce((
        SELECT jsonb_object_agg(name, content)
        FROM (VALUES ('conversation_id', document -> 'conversation_id'), ('customer_id', document -> 'customer_id'),
            ('account_id', document -> 'account_id'), ('channel', document -> 'channel'), ('locale', document -> 'locale'),
            ('stream', document -> 'stream'), ('compose', document -> 'compose'), ('tool', document #> '{plan,tool}')
        ) AS member (name, content)
        WHERE jsonb_typeof(content) = 'boolean' OR jsonb_typeof(content) = 'string' AND content #>> '{}' ~ '^[!-~]{1,128}$'
    ), '{}');
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;

ALTER TABLE teller.failures
    ADD COLUMN state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replaying', 'replayed', 'discarded')),
    ADD COLUMN discard_reason text,
    ADD COLUMN conversation_id text,
    ADD COLUMN source text NOT NULL DEFAULT 'worker' CHECK (source IN ('worker', 'broker')),
    ADD COLUMN schema_version text,
    ADD COLUMN model text,
    ADD COLUMN broker_reason text,
    ADD COLUMN withheld jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(withheld) = 'array'),
    ADD COLUMN outline jsonb,
    ADD COLUMN body_bytes integer GENERATED ALWAYS AS (octet_length(body)) STORED,
    ADD CHECK ((state = 'discarded') = (discard_reason IS NOT NULL));
COMMENT ON COLUMN teller.failures.conversation_id IS 'As the message has it; proven only together with customer_id.';
COMMENT ON COLUMN teller.failures.source IS 'Who gave it up: a worker, or the broker (expired unread, rejected, delivered too often).';
COMMENT ON COLUMN teller.failures.model IS 'name@revision/weights, where a model had a part in the failure.';
COMMENT ON COLUMN teller.failures.broker_reason IS 'What the broker, or whoever wrote the message''s x-death header, says. Never to be trusted.';
COMMENT ON COLUMN teller.failures.withheld IS 'The values of authorization headers, in their order; properties has {"withheld": true} in their places.';
COMMENT ON COLUMN teller.failures.outline IS 'The body without the customer''s words: teller.outline.';

UPDATE teller.failures SET outline = teller.outline(body), conversation_id = teller.outline(body) ->> 'conversation_id';
UPDATE teller.failures AS failure
SET withheld = taken.withheld, properties = jsonb_set(failure.properties, '{headers}', taken.headers)
FROM (
    SELECT f.failure_id,
        jsonb_agg(header -> 'value' ORDER BY place) FILTER (WHERE lower(header ->> 'name') = 'authorization') AS withheld,
        jsonb_agg(
            CASE WHEN lower(header ->> 'name') = 'authorization' THEN jsonb_set(header, '{value}', '{"withheld": true}') ELSE header END
            ORDER BY place) AS headers
    FROM teller.failures AS f, jsonb_array_elements(f.properties -> 'headers') WITH ORDINALITY AS element (header, place)
    GROUP BY f.failure_id
) AS taken
WHERE taken.failure_id = failure.failure_id AND taken.withheld IS NOT NULL;

-- A listing goes by time, backwards, within whatever narrows it most.
DROP INDEX teller.failures_by_time, teller.failures_by_fingerprint;
CREATE INDEX failures_by_time ON teller.failures (last_failed_at, failure_id);
CREATE INDEX failures_by_state ON teller.failures (state, last_failed_at, failure_id);
CREATE INDEX failures_by_class ON teller.failures (failure_class, last_failed_at, failure_id);
CREATE INDEX failures_by_fingerprint ON teller.failures (fingerprint, last_failed_at, failure_id);
CREATE INDEX failures_by_queue ON teller.failures (queue, last_failed_at, failure_id);
CREATE INDEX failures_by_customer ON teller.failures (customer_id, last_failed_at, failure_id);
CREATE INDEX failures_by_conversation ON teller.failures (conversation_id, last_failed_at, failure_id);
CREATE INDEX failures_by_request ON teller.failures (request_id, last_failed_at, failure_id);
CREATE INDEX failures_by_content ON teller.failures USING gin (
    properties jsonb_path_ops, problem jsonb_path_ops, outline jsonb_path_ops);
-- Counting reads this index and not the messages.
CREATE INDEX failures_summary ON teller.failures
    (fingerprint, failure_class, state, queue, source, last_failed_at, first_failed_at, attempts);
ALTER TABLE teller.failures SET (autovacuum_vacuum_insert_scale_factor = 0.02);

GRANT SELECT (state, discard_reason, customer_id, conversation_id, source, schema_version, model, broker_reason, outline, body_bytes)
    ON teller.failures TO teller_operator;

-- The operators' audit chain
-- --------------------------
-- Each entry holds the hash of the one before, so that none can be changed, taken out or moved without breaking the chain
-- from there on. What was cut off at the end shows against a head that was written down elsewhere. An entry's hash is SHA-256 over
--
--     "teller-audit-v1"                                        15 bytes of ASCII
--     the hash of the entry before it; zeros for the first     32 bytes
--     its position, from 1                                     8 bytes big-endian
--     its time, microseconds since 1970-01-01T00:00:00Z        8 bytes big-endian
--     actor, action, operation, failure_id, detail             each its length in UTF-8 bytes, 4 bytes big-endian, then the text;
--                                                              NULL is the empty text, detail is as PostgreSQL writes jsonb
--
-- Workers' entries are not chained: one chain over all workers would make them wait for each other.

ALTER TABLE teller.audit
    ADD COLUMN chain text CHECK (chain = 'operators'),
    ADD COLUMN chain_position bigint CHECK (chain_position > 0),
    ADD COLUMN actor text,
    ADD COLUMN operation uuid,
    ADD COLUMN failure_id uuid,
    ADD COLUMN previous_hash bytea CHECK (octet_length(previous_hash) = 32),
    ADD COLUMN entry_hash bytea CHECK (octet_length(entry_hash) = 32),
    ADD CHECK (num_nulls(chain, chain_position, actor, operation, previous_hash, entry_hash) IN (0, 6));
CREATE UNIQUE INDEX audit_chain ON teller.audit (chain, chain_position) WHERE chain IS NOT NULL;
CREATE INDEX audit_by_operation ON teller.audit (operation, chain_position) WHERE chain IS NOT NULL;
CREATE INDEX audit_by_failure ON teller.audit (failure_id, chain_position) WHERE chain IS NOT NULL;

-- A worker adds its own entries and none to the chain; an operator reads the chain and adds to it by the function below.
CREATE POLICY unchained ON teller.audit AS RESTRICTIVE TO teller_worker WITH CHECK (chain IS NULL);
CREATE POLICY chained ON teller.audit TO teller_owner USING (chain = 'operators') WITH CHECK (chain = 'operators');
CREATE POLICY operator ON teller.audit FOR SELECT TO teller_operator USING (chain = 'operators');
GRANT SELECT (entry_id, at, action, detail, chain, chain_position, actor, operation, failure_id, previous_hash, entry_hash)
    ON teller.audit TO teller_operator;

-- Appends an entry: what was done to one dead letter, or with failure NULL the operation as a whole. Who did it is the login, with
-- what the tool says of the person at it in the setting teller.operator. Appending operations wait for each other until commit.
CREATE FUNCTION teller.audit_operation(operation uuid, action text, failure uuid, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    previous bytea;
    place bigint;
    moment timestamptz;
    who text := session_user || coalesce(' (' || left(nullif(current_setting('teller.operator', true), ''), 200) || ')', '');
    message bytea;
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('teller.audit/operators', 0));
    SELECT a.chain_position, a.entry_hash INTO place, previous FROM teller.audit a
    WHERE a.chain = 'operators' ORDER BY a.chain_position DESC LIMIT 1;
    place := coalesce(place, 0) + 1;
    previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
    moment := clock_timestamp();
    message := 'teller-audit-v1'::bytea || previous || int8send(place) || int8send((extract(epoch FROM moment) * 1000000)::bigint);
    FOREACH part IN ARRAY ARRAY[who, action, operation::text, failure::text, detail::text] LOOP
        part := coalesce(part, '');
        message := message || int4send(octet_length(convert_to(part, 'UTF8'))) || convert_to(part, 'UTF8');
    END LOOP;
    INSERT INTO teller.audit (at, action, detail, chain, chain_position, actor, operation, failure_id, previous_hash, entry_hash)
    VALUES (moment, action, detail, 'operators', place, who, operation, failure, previous, sha256(message));
END
$$;

-- Hands out whole messages in the order asked, with an entry in the audit chain for each: purpose is the entry's action.
CREATE FUNCTION teller.take_messages(
    failures uuid[], purpose text, operation uuid,
    OUT failure_id uuid, OUT exchange text, OUT routing_key text, OUT queue text, OUT properties jsonb, OUT withheld jsonb, OUT body bytea
) RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR failure_id, exchange, routing_key, queue, properties, withheld, body IN
        SELECT f.failure_id, f.exchange, f.routing_key, f.queue, f.properties, f.withheld, f.body
        FROM unnest(failures) WITH ORDINALITY AS wanted (id, place) JOIN teller.failures f ON f.failure_id = wanted.id
        ORDER BY wanted.place
    LOOP
        PERFORM teller.audit_operation(operation, purpose, failure_id, '{}');
        RETURN NEXT;
    END LOOP;
END
$$;

-- As teller.take_messages, for one.
CREATE FUNCTION teller.take_message(
    failure uuid, purpose text, operation uuid,
    OUT failure_id uuid, OUT exchange text, OUT routing_key text, OUT queue text, OUT properties jsonb, OUT withheld jsonb, OUT body bytea
) RETURNS SETOF record LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT * FROM teller.take_messages(ARRAY[failure], purpose, operation)
$$;

-- Takes dead letters that are open out of sight, for a reason. Nothing is deleted. Returns those that it did it to.
CREATE FUNCTION teller.discard(failures uuid[], reason text, operation uuid) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    discarded uuid;
BEGIN
    IF coalesce(reason, '') !~ '\S' THEN
        RAISE EXCEPTION 'a dead letter is discarded for a reason; give one' USING ERRCODE = '22023';
    END IF;
    FOR discarded IN
        UPDATE teller.failures f SET state = 'discarded', discard_reason = reason
        WHERE f.failure_id = ANY (failures) AND f.state = 'open' RETURNING f.failure_id
    LOOP
        PERFORM teller.audit_operation(operation, 'discard', discarded, jsonb_build_object('reason', reason));
        RETURN NEXT discarded;
    END LOOP;
END
$$;

-- Keeps a dead letter. A message that is given up again is the same dead letter, open again, with the latest cause; the message
-- stays as it was kept first.
DROP FUNCTION teller.bury;
CREATE FUNCTION teller.bury(
    failure uuid, request text, customer text, class text, failure_fingerprint text, failure_problem jsonb, failure_attempts integer,
    first_failure timestamptz, source_queue text, source_exchange text, source_routing_key text, message_properties jsonb,
    message_body bytea, message_withheld jsonb DEFAULT '[]', conversation text DEFAULT NULL, message_schema text DEFAULT NULL,
    failed_model text DEFAULT NULL, given_up_by text DEFAULT 'worker', reason_of_broker text DEFAULT NULL
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO teller.failures (failure_id, request_id, customer_id, failure_class, fingerprint, problem, attempts,
        first_failed_at, last_failed_at, queue, exchange, routing_key, properties, body, withheld, outline, conversation_id,
        schema_version, model, source, broker_reason)
    SELECT failure, request, customer, class, failure_fingerprint, failure_problem, failure_attempts,
        first_failure, now(), source_queue, source_exchange, source_routing_key, message_properties, message_body, message_withheld,
        outline, coalesce(conversation, outline ->> 'conversation_id'), message_schema, failed_model, given_up_by, reason_of_broker
    FROM teller.outline(message_body) AS outline
    ON CONFLICT (failure_id) DO UPDATE SET last_failed_at = now(), state = 'open', discard_reason = NULL,
        failure_class = excluded.failure_class, fingerprint = excluded.fingerprint, problem = excluded.problem,
        attempts = greatest(failures.attempts, excluded.attempts), model = excluded.model, source = excluded.source,
        broker_reason = excluded.broker_reason, customer_id = coalesce(excluded.customer_id, failures.customer_id)
$$;

-- Whether a message in the queue of dead letters is no news: one of these ids is kept already with the same body. What is being
-- replayed and was given up by the broker meanwhile is news.
CREATE FUNCTION teller.is_buried(candidates uuid[], message_body bytea, by_broker boolean) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM teller.failures f
        WHERE f.failure_id = ANY (candidates) AND f.body = message_body AND NOT (by_broker AND f.state = 'replaying'))
$$;

-- Takes back a dead letter that was exported. Returns 'kept', 'known' when it is there, or 'conflict' when its id is another's.
CREATE FUNCTION teller.import_failure(
    operation uuid, failure uuid, request text, customer text, class text, failure_fingerprint text, failure_problem jsonb,
    failure_attempts integer, first_failure timestamptz, last_failure timestamptz, source_queue text, source_exchange text,
    source_routing_key text, message_properties jsonb, message_withheld jsonb, message_body bytea, conversation text,
    message_schema text, failed_model text, given_up_by text, reason_of_broker text, failure_state text, reason_to_discard text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO teller.failures (failure_id, request_id, customer_id, failure_class, fingerprint, problem, attempts,
        first_failed_at, last_failed_at, queue, exchange, routing_key, properties, withheld, body, outline, conversation_id,
        schema_version, model, source, broker_reason, state, discard_reason)
    VALUES (failure, request, customer, class, failure_fingerprint, failure_problem, failure_attempts,
        first_failure, last_failure, source_queue, source_exchange, source_routing_key, message_properties, message_withheld,
        message_body, teller.outline(message_body), conversation, message_schema, failed_model, given_up_by, reason_of_broker,
        -- The plan that it was part of is not imported with it.
        CASE failure_state WHEN 'replaying' THEN 'open' ELSE failure_state END, reason_to_discard)
    ON CONFLICT (failure_id) DO NOTHING;
    IF FOUND THEN
        PERFORM teller.audit_operation(operation, 'import', failure, '{}');
        RETURN 'kept';
    END IF;
    RETURN CASE WHEN teller.is_buried(ARRAY[failure], message_body, false) THEN 'known' ELSE 'conflict' END;
END
$$;

GRANT EXECUTE ON FUNCTION teller.bury, teller.is_buried TO teller_worker;
GRANT EXECUTE ON FUNCTION teller.audit_operation, teller.take_messages, teller.take_message, teller.discard, teller.import_failure
    TO teller_operator;

RESET ROLE;
