-- Replay: plans that freeze a set of dead letters, and what a worker does with a message that a plan sent.
--
-- A replayed message carries the headers teller-replay-plan and teller-replay-of. They prove nothing: what counts is that the
-- plan holds an item, sent and not settled, for this very request and body.

SET LOCAL ROLE teller_owner;

ALTER TABLE teller.requests
    ADD COLUMN body bytea CHECK (octet_length(body) <= 65536),
    ADD COLUMN replay_plan uuid;
COMMENT ON COLUMN teller.requests.body IS 'The request as it was asked, byte for byte, so that it can be tried again. NULL in rows older than this column.';
COMMENT ON COLUMN teller.requests.replay_plan IS 'The plan under which it is being answered again.';

CREATE TABLE teller.earlier_bodies (
    request_id ledger.identifier NOT NULL,
    customer_id ledger.identifier NOT NULL,
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    body bytea,
    replaced_by uuid NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, body_sha256),
    FOREIGN KEY (customer_id, request_id) REFERENCES teller.requests (customer_id, request_id)
);
COMMENT ON TABLE teller.earlier_bodies IS 'What a request asked before an operator''s edit took its place. A late copy of it gets the current answer.';

CREATE TABLE teller.replay_plans (
    plan_id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) <= 200),
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'paused', 'braked', 'cancelled', 'finished')),
    selection jsonb NOT NULL,
    options jsonb NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    selected integer NOT NULL DEFAULT 0,
    total integer NOT NULL DEFAULT 0,
    sent integer NOT NULL DEFAULT 0,
    stop_reason text,
    runner uuid,
    created_by text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    resumed_at timestamptz,
    stopped_at timestamptz
);
COMMENT ON TABLE teller.replay_plans IS 'Frozen sets of dead letters that are, or are to be, sent again. runner is the fence: the process that works on the plan.';
COMMENT ON COLUMN teller.replay_plans.selected IS 'How many dead letters fitted; those beyond total were in another plan, done with, or over the limit.';

CREATE TABLE teller.replay_items (
    plan_id uuid NOT NULL REFERENCES teller.replay_plans,
    failure_id uuid NOT NULL REFERENCES teller.failures,
    position integer NOT NULL CHECK (position > 0),
    request_id text,
    conversation_id text,
    fingerprint text NOT NULL,
    failed_at timestamptz NOT NULL,
    deadline timestamptz,
    outlook text NOT NULL CHECK (outlook IN ('first', 'again', 'unfinished', 'unreadable', 'answered', 'expired', 'duplicate', 'conflict')),
    original_sha256 bytea NOT NULL CHECK (octet_length(original_sha256) = 32), -- of what the customer's token was issued for
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    edit integer,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'settled', 'failed', 'skipped')),
    outcome text,
    returned_fingerprint text,
    answer_id uuid,
    sent_at timestamptz,
    arrived_at timestamptz,
    settled_at timestamptz,
    PRIMARY KEY (plan_id, failure_id),
    UNIQUE (plan_id, position)
);
COMMENT ON TABLE teller.replay_items IS 'The messages of a plan. sending is written before the message is published, sent after the broker has confirmed it, arrived_at when a worker takes it up.';
-- A message, and a request, is in at most one plan that has not done with it: so no copy of it is sent beside another.
CREATE UNIQUE INDEX replay_items_once ON teller.replay_items (failure_id) WHERE state IN ('pending', 'sending', 'sent');
CREATE UNIQUE INDEX replay_items_request ON teller.replay_items (request_id) WHERE state IN ('pending', 'sending', 'sent');
CREATE INDEX replay_items_pending ON teller.replay_items (plan_id, position) WHERE state = 'pending';
CREATE INDEX replay_items_noted ON teller.replay_items (plan_id, state) WHERE state IN ('sending', 'sent', 'failed');
CREATE INDEX replay_items_edited ON teller.replay_items (request_id) WHERE edit IS NOT NULL;
CREATE INDEX replay_items_line ON teller.replay_items (plan_id, conversation_id, position) WHERE state IN ('pending', 'sending', 'sent');

CREATE TABLE teller.replay_edits (
    plan_id uuid NOT NULL,
    failure_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    patch jsonb NOT NULL,
    before_sha256 bytea NOT NULL,
    body_sha256 bytea NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) <= 65536),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    edited_by text NOT NULL DEFAULT session_user,
    edited_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (plan_id, failure_id, number),
    FOREIGN KEY (plan_id, failure_id) REFERENCES teller.replay_items
);
COMMENT ON TABLE teller.replay_edits IS 'Every edit of a message, in order; the item names the one in force. The original stays with the failure.';

DO $$
DECLARE
    owned name;
BEGIN
    FOREACH owned IN ARRAY ARRAY['earlier_bodies', 'replay_plans', 'replay_items', 'replay_edits']::name[] LOOP
        EXECUTE format('ALTER TABLE teller.%I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE teller.%I FORCE ROW LEVEL SECURITY', owned);
    END LOOP;
    FOREACH owned IN ARRAY ARRAY['replay_plans', 'replay_items', 'replay_edits']::name[] LOOP
        EXECUTE format('CREATE POLICY across ON teller.%I TO teller_owner USING (true) WITH CHECK (true)', owned);
        EXECUTE format('CREATE POLICY operator ON teller.%I FOR SELECT TO teller_operator USING (true)', owned);
    END LOOP;
END
$$;
CREATE POLICY own ON teller.earlier_bodies TO teller_worker
    USING (customer_id = (SELECT teller.me())) WITH CHECK (customer_id = (SELECT teller.me()));
-- What a plan needs to know of requests that are many customers': how they were answered, and why attempts failed.
CREATE POLICY across ON teller.answers FOR SELECT TO teller_owner USING (true);
CREATE POLICY across ON teller.attempts FOR SELECT TO teller_owner USING (true);

GRANT SELECT, INSERT ON teller.earlier_bodies TO teller_worker;
GRANT UPDATE ON teller.turns TO teller_worker;
GRANT SELECT ON teller.replay_plans, teller.replay_items TO teller_operator;
GRANT SELECT (plan_id, failure_id, number, patch, before_sha256, body_sha256, reason, edited_by, edited_at)
    ON teller.replay_edits TO teller_operator;

-- The worker's side
-- -----------------

-- Ends an item, and gives its failure the state that follows. An edited message that failed again is a dead letter of its
-- own, with the edit; were the original open beside it, the next plan could send both.
CREATE FUNCTION teller.replay_settled(
    of_plan uuid, of_failure uuid, of_request text, answer_status text, answer uuid, failure_fingerprint text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item teller.replay_items;
BEGIN
    UPDATE teller.replay_items i
    SET state = CASE WHEN answer_status IN ('answered', 'refused') THEN 'settled' ELSE 'failed' END, outcome = answer_status,
        answer_id = answer, returned_fingerprint = failure_fingerprint, settled_at = clock_timestamp(),
        arrived_at = coalesce(i.arrived_at, clock_timestamp())
    WHERE i.plan_id = of_plan AND i.state IN ('sending', 'sent') AND i.failure_id = coalesce(of_failure, (
        SELECT r.failure_id FROM teller.replay_items r WHERE r.request_id = of_request AND r.state IN ('sending', 'sent')))
    RETURNING * INTO item;
    IF FOUND THEN
        UPDATE teller.failures f
        SET state = CASE WHEN item.state = 'settled' OR (item.edit IS NOT NULL AND item.outcome = 'failed') THEN 'replayed'
            ELSE 'open' END
        WHERE f.failure_id = item.failure_id AND f.state IN ('replaying', 'open');
    END IF;
END
$$;

-- Whether the plan sent this very message and it is not settled: then original is the hash of the body that the customer's token
-- was issued for, which differs from the message's when an operator edited it, and was_refuted says whether a worker has said in
-- an answer of version 1 that the message failed, which is recorded nowhere where it never came to an attempt. Notes the arrival.
CREATE FUNCTION teller.replay_arrived(of_plan uuid, of_request text, digest bytea, OUT original bytea, OUT was_refuted boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item teller.replay_items;
BEGIN
    SELECT * INTO item FROM teller.replay_items i
    WHERE i.plan_id = of_plan AND i.request_id = of_request AND i.body_sha256 = digest AND i.state IN ('sending', 'sent')
    FOR UPDATE;
    IF FOUND AND item.arrived_at IS NULL THEN
        UPDATE teller.replay_items i SET arrived_at = clock_timestamp()
        WHERE i.plan_id = of_plan AND i.failure_id = item.failure_id;
    END IF;
    original := item.original_sha256;
    was_refuted := EXISTS (SELECT FROM teller.failures f WHERE f.failure_id = item.failure_id AND f.source = 'worker');
END
$$;

-- The end of a replayed message for which no attempt was made: nobody could read it, or say who asks.
CREATE FUNCTION teller.replay_ended(
    of_plan uuid, of_failure uuid, digest bytea, answer_status text, failure_fingerprint text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM teller.replay_items i
        WHERE i.plan_id = of_plan AND i.failure_id = of_failure AND i.body_sha256 = digest AND i.state IN ('sending', 'sent')
    ) THEN
        PERFORM teller.replay_settled(of_plan, of_failure, NULL, answer_status, NULL, failure_fingerprint);
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION teller.replay_settled, teller.replay_arrived, teller.replay_ended TO teller_worker;

-- Starts an attempt, or says why not. As before, with the message itself instead of its hash, and for a replay with the plan
-- that the message names. Of the outcomes one is new:
--   other_body   the token was issued for another body (token_sha256), and this is not an edited copy of that one
-- A message that the plan did send is accepted though its token has expired, and a request that ended with the status failed
-- or expired is opened again: its failures and crashes are counted anew, answer_id and version are those of the answer that
-- the new one supersedes.
DROP FUNCTION teller.claim(text, text, bytea, boolean, boolean, boolean, uuid, interval, integer);
CREATE FUNCTION teller.claim(
    request text, conversation text, message bytea, accept_new boolean, redelivered boolean, alone boolean, worker uuid, lease interval, crash_limit integer,
    replay uuid DEFAULT NULL, token_sha256 bytea DEFAULT NULL,
    OUT outcome text, OUT attempt integer, OUT failures integer, OUT first_claim timestamptz,
    OUT answer_id uuid, OUT version integer, OUT status text, OUT body bytea, OUT previous_plan jsonb
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me text := teller.me();
    digest bytea := sha256(message);
    this_turn bigint;
    elsewhere boolean;
    original bytea;
    was_refuted boolean;
    replayed boolean;
    held teller.requests;
BEGIN
    SELECT * INTO held FROM teller.requests r WHERE r.request_id = request FOR UPDATE;
    IF replay IS NOT NULL THEN
        SELECT * INTO original, was_refuted FROM teller.replay_arrived(replay, request, digest);
    END IF;
    -- An edited copy counts only in the place of the body that it was made of.
    replayed := original IS NOT NULL AND (held.request_id IS NULL OR held.body_sha256 IN (digest, original) OR EXISTS (
        SELECT FROM teller.earlier_bodies e WHERE e.request_id = request AND e.body_sha256 = original));
    IF token_sha256 IS NOT NULL AND NOT (replayed AND token_sha256 = original) THEN
        outcome := 'other_body';
        RETURN;
    END IF;
    IF held.request_id IS NULL THEN
        IF NOT accept_new AND NOT replayed THEN
            outcome := 'unknown';
            RETURN;
        END IF;
        -- The conversation's row is locked until commit, so that turns are numbered in the order in which they are seen.
        INSERT INTO teller.conversations AS c (customer_id, conversation_id, last_turn) VALUES (me, conversation, 1)
        ON CONFLICT (customer_id, conversation_id) DO UPDATE SET last_turn = c.last_turn + 1, updated_at = now()
        RETURNING last_turn INTO this_turn;
        INSERT INTO teller.requests (request_id, customer_id, conversation_id, turn, body_sha256, body, lease_until)
        VALUES (request, me, conversation, this_turn, digest, message, clock_timestamp() + lease)
        ON CONFLICT (request_id) DO NOTHING
        RETURNING * INTO held;
        IF NOT FOUND THEN
            -- Another transaction was faster, or the id is another customer's and its row not ours to see.
            SELECT * INTO held FROM teller.requests r WHERE r.request_id = request FOR UPDATE;
            IF NOT FOUND THEN
                outcome := 'conflict';
                RETURN;
            END IF;
        END IF;
    END IF;
    IF held.conversation_id <> conversation THEN
        outcome := 'conflict';
        RETURN;
    END IF;
    IF held.state = 'settled' OR held.replay_plan IS NOT NULL THEN
        SELECT a.answer_id, a.version, a.status, a.body INTO claim.answer_id, claim.version, claim.status, claim.body
        FROM teller.answers a WHERE a.request_id = request ORDER BY a.version DESC LIMIT 1;
    END IF;
    IF replayed AND held.state = 'settled' AND status NOT IN ('failed', 'expired') THEN
        PERFORM teller.replay_settled(replay, NULL, request, status, answer_id, NULL);
    ELSIF replayed AND (held.state <> 'running' OR held.body_sha256 = digest OR held.lease_until <= clock_timestamp()) THEN
        IF held.body_sha256 <> digest THEN
            INSERT INTO teller.earlier_bodies (request_id, customer_id, body_sha256, body, replaced_by)
            VALUES (request, me, held.body_sha256, held.body, replay) ON CONFLICT DO NOTHING;
        END IF;
        UPDATE teller.requests r
        SET body = message, body_sha256 = digest, replay_plan = replay, settled_at = NULL,
            state = CASE WHEN r.state = 'settled' THEN 'waiting' ELSE r.state END,
            failures = CASE WHEN r.state = 'settled' THEN 0 ELSE r.failures END,
            lease_until = CASE WHEN r.state = 'settled' THEN clock_timestamp() + lease ELSE r.lease_until END
        WHERE r.request_id = request
        RETURNING * INTO held;
    ELSIF held.body_sha256 <> digest THEN
        IF NOT EXISTS (SELECT FROM teller.earlier_bodies e WHERE e.request_id = request AND e.body_sha256 = digest) THEN
            outcome := 'conflict';
            RETURN;
        END IF;
        IF held.state <> 'settled' THEN
            outcome := 'waiting';
            RETURN;
        END IF;
    END IF;
    IF replayed AND was_refuted AND version IS NULL THEN
        version := 1;
    END IF;
    first_claim := held.received_at;
    failures := held.failures;
    attempt := held.attempt;
    IF held.state = 'settled' THEN
        outcome := 'settled';
        RETURN;
    END IF;
    elsewhere := held.state = 'running' AND held.worker_id <> worker;
    IF elsewhere AND NOT redelivered AND held.lease_until > clock_timestamp() THEN
        outcome := 'waiting';
        RETURN;
    END IF;
    IF EXISTS (
        SELECT FROM teller.requests r
        WHERE r.customer_id = me AND r.conversation_id = conversation AND r.turn < held.turn
            AND r.state <> 'settled' AND r.lease_until > clock_timestamp()
    ) THEN
        -- A lease shows that somebody still wants the request; without it a later turn would not wait for it.
        UPDATE teller.requests r
        SET lease_until = clock_timestamp() + lease, state = CASE WHEN elsewhere THEN 'waiting' ELSE r.state END,
            worker_id = CASE WHEN elsewhere THEN NULL ELSE r.worker_id END
        WHERE r.request_id = request;
        outcome := 'waiting';
        RETURN;
    END IF;
    IF held.unaccounted > 0 AND NOT alone AND (held.state <> 'running' OR elsewhere) THEN
        outcome := 'suspect';
        RETURN;
    END IF;
    IF held.state <> 'running' OR elsewhere THEN
        attempt := held.attempt + 1;
        UPDATE teller.requests r
        SET state = 'running', attempt = claim.attempt, unaccounted = r.unaccounted + 1, worker_id = worker,
            lease_until = clock_timestamp() + lease
        WHERE r.request_id = request AND r.attempt = held.attempt;
        IF held.unaccounted >= crash_limit THEN
            outcome := 'quarantined';
            RETURN;
        END IF;
    ELSE
        UPDATE teller.requests r SET lease_until = clock_timestamp() + lease WHERE r.request_id = request;
    END IF;
    outcome := 'started';
    SELECT t.plan INTO previous_plan FROM teller.turns t
    WHERE t.customer_id = me AND t.conversation_id = conversation AND t.turn < held.turn
    ORDER BY t.turn DESC LIMIT 1;
END
$$;
GRANT EXECUTE ON FUNCTION teller.claim TO teller_worker;

-- Records the end of an attempt with its answer, in one step; SQLSTATE TL001 when the attempt is no longer this worker's.
CREATE OR REPLACE FUNCTION teller.record(
    request text, fence integer, worker uuid, answer uuid, answer_version integer, answer_status text, answer_body bytea,
    answer_language text, answer_plan jsonb, detail jsonb
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held teller.requests;
BEGIN
    UPDATE teller.requests r
    SET state = 'settled', settled_at = now(), worker_id = NULL, unaccounted = 0
    WHERE r.request_id = request AND r.state = 'running' AND r.attempt = fence AND r.worker_id = worker
    RETURNING * INTO held;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the attempt is no longer this worker''s' USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO teller.answers (answer_id, request_id, customer_id, version, status, body)
    VALUES (answer, request, held.customer_id, answer_version, answer_status, answer_body);
    INSERT INTO teller.turns (customer_id, conversation_id, turn, request_id, language, plan)
    VALUES (held.customer_id, held.conversation_id, held.turn, request, answer_language, answer_plan)
    ON CONFLICT (customer_id, conversation_id, turn) DO UPDATE SET language = EXCLUDED.language, plan = EXCLUDED.plan;
    INSERT INTO teller.audit (action, worker_id, request_id, customer_id, detail)
    VALUES ('answer', worker, request, held.customer_id, detail);
    INSERT INTO teller.outbox (answer_id, customer_id) VALUES (answer, held.customer_id);
    IF held.replay_plan IS NOT NULL THEN
        UPDATE teller.requests r SET replay_plan = NULL WHERE r.request_id = request;
        PERFORM teller.replay_settled(held.replay_plan, NULL, request, answer_status, answer,
            CASE WHEN answer_status = 'failed' THEN convert_from(answer_body, 'UTF8')::jsonb -> 'problem' ->> 'fingerprint' END);
    END IF;
END
$$;

-- The operator's side
-- -------------------
-- An operator reads plans, items and what edits changed. What changes them goes through these functions, each of which writes
-- what was done into the audit chain.

-- When the answer to a kept message was of no more use: the earlier of its header deadline and timestamp + expiration.
CREATE FUNCTION teller.deadline_of(properties jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    header text := jsonb_path_query_first(properties, '$.headers[*] ? (@.name == "deadline").value') #>> '{}';
    deadline timestamptz;
BEGIN
    IF header ~* '^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(\.\d+)?(z|[+-]\d\d:\d\d)$' THEN
        deadline := header::timestamptz;
    END IF;
    IF properties ->> 'expiration' ~ '^\d{1,10}$' AND properties ->> 'timestamp' ~ '^\d{1,12}$' THEN
        deadline := least(deadline, to_timestamp((properties ->> 'timestamp')::bigint + (properties ->> 'expiration')::bigint / 1000.0));
    END IF;
    RETURN deadline;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
    RETURN NULL;
END
$$;

-- Makes a plan of these dead letters; returns how many became part of it. Those that are in another plan, or done with, do not.
CREATE FUNCTION teller.plan_replay(
    plan uuid, plan_name text, why text, plan_selection jsonb, plan_options jsonb, fitting integer, chosen uuid[], operation uuid
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept integer;
BEGIN
    IF why !~ '\S' THEN
        RAISE EXCEPTION 'a replay has a reason; give one' USING ERRCODE = '22023';
    END IF;
    INSERT INTO teller.replay_plans (plan_id, name, selection, options, reason, selected)
    VALUES (plan, plan_name, plan_selection, plan_options, why, fitting);
    -- Locked in one order, so that two plans at once do not wait for each other in a circle.
    PERFORM FROM teller.failures f WHERE f.failure_id = ANY (chosen) ORDER BY f.failure_id FOR UPDATE;
    INSERT INTO teller.replay_items (plan_id, failure_id, position, request_id, conversation_id, fingerprint, failed_at, deadline,
        outlook, original_sha256, body_sha256, state, outcome)
    WITH letter AS (
        SELECT f.failure_id, f.request_id, f.conversation_id, f.fingerprint, f.last_failed_at, f.first_failed_at,
            teller.deadline_of(f.properties) AS deadline, sha256(f.body) AS digest,
            r.customer_id, r.turn, r.received_at, r.state AS request_state, r.body_sha256 AS request_digest,
            (SELECT a.status FROM teller.answers a WHERE a.request_id = f.request_id ORDER BY a.version DESC LIMIT 1) AS status
        FROM teller.failures f LEFT JOIN teller.requests r ON r.request_id = f.request_id
        WHERE f.failure_id = ANY (chosen) AND f.state = 'open'
    ), placed AS (
        SELECT l.*, coalesce(
                (SELECT i.original_sha256 FROM teller.replay_items i
                WHERE i.request_id = l.request_id AND i.edit IS NOT NULL AND i.body_sha256 = l.digest LIMIT 1), l.digest) AS original,
            l.request_id IS NOT NULL AND (row_number() OVER (
                PARTITION BY l.request_id ORDER BY l.digest = l.request_digest DESC NULLS LAST, l.last_failed_at DESC, l.failure_id) > 1
                OR EXISTS (SELECT FROM teller.replay_items i
                    WHERE i.request_id = l.request_id AND i.state IN ('pending', 'sending', 'sent'))) AS is_duplicate,
            -- The order in which they came, and within a conversation that of its turns.
            coalesce(max(l.received_at) OVER (PARTITION BY l.customer_id, l.conversation_id ORDER BY l.turn), l.first_failed_at) AS came
        FROM letter l
    ), judged AS (
        SELECT p.*, CASE
            WHEN is_duplicate THEN 'duplicate'
            WHEN request_digest <> digest AND request_digest <> original AND NOT EXISTS (
                SELECT FROM teller.earlier_bodies e WHERE e.request_id = p.request_id AND e.body_sha256 IN (digest, original)) THEN 'conflict'
            WHEN status IN ('answered', 'refused') THEN 'answered'
            WHEN plan_options ->> 'deadline' = 'keep' AND deadline <= now() THEN 'expired'
            WHEN request_id IS NULL THEN 'unreadable'
            WHEN request_state IS NULL THEN 'first'
            WHEN request_state <> 'settled' THEN 'unfinished'
            ELSE 'again' END AS outlook
        FROM placed p
    )
    SELECT plan, failure_id, row_number() OVER (ORDER BY came, turn, failure_id), request_id, conversation_id, fingerprint,
        last_failed_at, deadline, outlook, original, digest,
        CASE WHEN is_kept THEN 'pending' ELSE 'skipped' END, CASE WHEN NOT is_kept THEN outlook END
    FROM judged, LATERAL (
        SELECT outlook IN ('first', 'again', 'unfinished', 'unreadable')
            OR outlook = 'answered' AND plan_options ->> 'answered' = 'resend' AS is_kept) AS verdict;
    GET DIAGNOSTICS kept = ROW_COUNT;
    UPDATE teller.replay_plans p SET total = kept WHERE p.plan_id = plan;
    UPDATE teller.failures f SET state = 'replaying'
    FROM teller.replay_items i WHERE i.plan_id = plan AND i.state = 'pending' AND f.failure_id = i.failure_id;
    PERFORM teller.audit_operation(operation, 'replay.plan', NULL, jsonb_build_object(
        'plan', plan, 'reason', why, 'selection', plan_selection, 'options', plan_options, 'messages', kept,
        'failures_sha256', encode(sha256(convert_to(coalesce((
            SELECT string_agg(i.failure_id::text, ' ' ORDER BY i.position) FROM teller.replay_items i WHERE i.plan_id = plan), ''), 'UTF8')), 'hex')));
    RETURN kept;
END
$$;

-- Puts an edited body in the place of a message's, for a reason. What was there stays. The customer and the conversation are not
-- an operator's to choose.
CREATE FUNCTION teller.edit_replay(
    of_plan uuid, failure uuid, request text, edit_patch jsonb, edited bytea, why text, operation uuid
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item teller.replay_items;
    original jsonb;
    name text;
BEGIN
    SELECT * INTO item FROM teller.replay_items i WHERE i.plan_id = of_plan AND i.failure_id = failure FOR UPDATE;
    IF item.state IS DISTINCT FROM 'pending' THEN
        RAISE EXCEPTION 'the message cannot be edited: in this plan it is %', coalesce(item.state, 'not') USING ERRCODE = 'TL003';
    END IF;
    SELECT convert_from(f.body, 'UTF8')::jsonb INTO original FROM teller.failures f WHERE f.failure_id = failure;
    FOREACH name IN ARRAY ARRAY['customer_id', 'conversation_id'] LOOP
        IF (convert_from(edited, 'UTF8')::jsonb ->> name) IS DISTINCT FROM (original ->> name) THEN
            RAISE EXCEPTION 'an edit may not change %', name USING ERRCODE = 'TL004';
        END IF;
    END LOOP;
    INSERT INTO teller.replay_edits (plan_id, failure_id, number, patch, before_sha256, body_sha256, body, reason)
    VALUES (of_plan, failure, coalesce(item.edit, 0) + 1, edit_patch, item.body_sha256, sha256(edited), edited, why);
    -- What nobody could read had no id that was known to be one.
    UPDATE teller.replay_items i
    SET edit = coalesce(item.edit, 0) + 1, body_sha256 = sha256(edited), request_id = coalesce(i.request_id, request)
    WHERE i.plan_id = of_plan AND i.failure_id = failure;
    PERFORM teller.audit_operation(operation, 'replay.edit', failure, jsonb_build_object(
        'plan', of_plan, 'edit', coalesce(item.edit, 0) + 1, 'reason', why,
        'before_sha256', encode(item.body_sha256, 'hex'), 'after_sha256', encode(sha256(edited), 'hex')));
    RETURN coalesce(item.edit, 0) + 1;
END
$$;

-- The body that a plan would send for a message: its latest edit, or the original. Purpose is the audit entry's action.
CREATE FUNCTION teller.planned_message(
    of_plan uuid, failure uuid, purpose text, operation uuid,
    OUT exchange text, OUT routing_key text, OUT queue text, OUT properties jsonb, OUT withheld jsonb, OUT body bytea
) RETURNS SETOF record LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.exchange, m.routing_key, m.queue, m.properties, m.withheld, coalesce(e.body, m.body)
    FROM teller.replay_items i
    CROSS JOIN LATERAL teller.take_message(i.failure_id, purpose, operation) AS m
    LEFT JOIN teller.replay_edits e ON e.plan_id = i.plan_id AND e.failure_id = i.failure_id AND e.number = i.edit
    WHERE i.plan_id = of_plan AND i.failure_id = failure
$$;

-- Makes the caller the one process that works on the plan. A plan that was braked goes on only when that is said.
CREATE FUNCTION teller.start_replay(of_plan uuid, by_runner uuid, release_brake boolean, operation uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plan teller.replay_plans;
BEGIN
    SELECT * INTO plan FROM teller.replay_plans p WHERE p.plan_id = of_plan FOR UPDATE;
    IF plan.state IN ('cancelled', 'finished') OR plan.state = 'braked' AND NOT release_brake THEN
        RAISE EXCEPTION 'the plan is %', plan.state USING ERRCODE = 'TL003';
    END IF;
    -- One that was running has lost its process: what came back before counts on.
    UPDATE teller.replay_plans p
    SET state = 'running', runner = by_runner, started_at = coalesce(p.started_at, now()), stop_reason = NULL, stopped_at = NULL,
        resumed_at = CASE WHEN p.state = 'running' THEN p.resumed_at ELSE clock_timestamp() END
    WHERE p.plan_id = of_plan;
    PERFORM teller.audit_operation(operation, 'replay.start', NULL, jsonb_build_object('plan', of_plan, 'from', plan.state));
END
$$;

-- Ends the work on a plan: paused, braked, finished or cancelled. Cancelling leaves what was sent to settle; cancelling again gives
-- that up, so that it can be planned anew.
CREATE FUNCTION teller.stop_replay(of_plan uuid, wanted text, why text, by_runner uuid, operation uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plan teller.replay_plans;
    ended integer := 0;
BEGIN
    SELECT * INTO plan FROM teller.replay_plans p WHERE p.plan_id = of_plan FOR UPDATE;
    IF by_runner IS NOT NULL AND (plan.state <> 'running' OR plan.runner <> by_runner) THEN
        RETURN 0;
    END IF;
    IF wanted IN ('paused', 'braked', 'finished') AND plan.state <> 'running' OR wanted = 'cancelled' AND plan.state = 'finished' THEN
        RAISE EXCEPTION 'the plan is %', plan.state USING ERRCODE = 'TL003';
    END IF;
    IF wanted = 'cancelled' THEN
        WITH skipped AS (
            UPDATE teller.replay_items i
            SET state = 'skipped', outcome = CASE WHEN i.state = 'pending' THEN 'cancelled' ELSE 'given_up' END
            WHERE i.plan_id = of_plan AND (i.state = 'pending' OR plan.state = 'cancelled' AND i.state IN ('sending', 'sent'))
            RETURNING i.failure_id
        )
        UPDATE teller.failures f SET state = 'open' FROM skipped s WHERE f.failure_id = s.failure_id AND f.state = 'replaying';
        GET DIAGNOSTICS ended = ROW_COUNT;
    END IF;
    UPDATE teller.replay_plans p SET state = wanted, stop_reason = why, stopped_at = clock_timestamp() WHERE p.plan_id = of_plan;
    PERFORM teller.audit_operation(operation, 'replay.' || wanted, NULL,
        jsonb_build_object('plan', of_plan, 'reason', why, 'messages', ended));
    RETURN ended;
END
$$;

-- Hands out the next messages to publish and marks them so. Not yet: what follows a message of its conversation that is not
-- settled. Not at all: what was answered or has expired since the plan was made. With again, what a process that ended may or may
-- not have published, and no worker has seen.
CREATE FUNCTION teller.send_next(of_plan uuid, by_runner uuid, most bigint, again boolean, operation uuid)
RETURNS TABLE (failure uuid, answer_by timestamptz, exchange text, routing_key text, queue text, properties jsonb, withheld jsonb, body bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    plan teller.replay_plans;
    item teller.replay_items;
    answered boolean;
    candidates uuid[];
    chosen uuid[] := '{}';
BEGIN
    SELECT * INTO plan FROM teller.replay_plans p WHERE p.plan_id = of_plan FOR UPDATE;
    IF plan.state <> 'running' THEN
        RETURN;
    END IF;
    IF plan.runner IS DISTINCT FROM by_runner THEN
        RAISE EXCEPTION 'another process works on the plan' USING ERRCODE = 'TL002';
    END IF;
    IF again THEN
        candidates := ARRAY(SELECT i.failure_id FROM teller.replay_items i
            WHERE i.plan_id = of_plan AND i.state = 'sending' AND i.arrived_at IS NULL ORDER BY i.position);
    ELSE
        candidates := ARRAY(SELECT i.failure_id FROM teller.replay_items i
            WHERE i.plan_id = of_plan AND i.state = 'pending' AND (i.conversation_id IS NULL OR i.position = (
                -- The first of its conversation; written so that an index gives it, whatever the planner knows of the table.
                SELECT e.position FROM teller.replay_items e
                WHERE e.plan_id = of_plan AND e.conversation_id = i.conversation_id AND e.state IN ('pending', 'sending', 'sent')
                ORDER BY e.position LIMIT 1))
            ORDER BY i.position LIMIT most);
    END IF;
    FOR item IN
        SELECT i.* FROM unnest(candidates) WITH ORDINALITY AS candidate (id, place)
        JOIN teller.replay_items i ON i.plan_id = of_plan AND i.failure_id = candidate.id
        ORDER BY candidate.place FOR UPDATE OF i
    LOOP
        answered := plan.options ->> 'answered' <> 'resend' AND (
            SELECT a.status FROM teller.answers a WHERE a.request_id = item.request_id ORDER BY a.version DESC LIMIT 1
        ) IN ('answered', 'refused');
        IF answered OR plan.options ->> 'deadline' = 'keep' AND item.deadline <= now() THEN
            UPDATE teller.replay_items i SET state = 'skipped', outcome = CASE WHEN answered THEN 'answered' ELSE 'expired' END
            WHERE i.plan_id = of_plan AND i.failure_id = item.failure_id;
            UPDATE teller.failures f SET state = 'open' WHERE f.failure_id = item.failure_id AND f.state = 'replaying';
        ELSE
            UPDATE teller.replay_items i SET state = 'sending', sent_at = clock_timestamp()
            WHERE i.plan_id = of_plan AND i.failure_id = item.failure_id;
            chosen := chosen || item.failure_id;
        END IF;
    END LOOP;
    IF NOT again THEN
        UPDATE teller.replay_plans p SET sent = p.sent + cardinality(chosen) WHERE p.plan_id = of_plan;
    END IF;
    RETURN QUERY
        SELECT m.failure_id, CASE plan.options ->> 'deadline' WHEN 'keep' THEN i.deadline WHEN 'none' THEN NULL
                ELSE now() + make_interval(secs => (plan.options ->> 'deadline')::double precision) END,
            m.exchange, m.routing_key, m.queue, m.properties, m.withheld, coalesce(e.body, m.body)
        FROM teller.take_messages(chosen, 'replay', operation) AS m
        JOIN teller.replay_items i ON i.plan_id = of_plan AND i.failure_id = m.failure_id
        LEFT JOIN teller.replay_edits e ON e.plan_id = of_plan AND e.failure_id = m.failure_id AND e.number = i.edit;
END
$$;

-- The broker has these.
CREATE FUNCTION teller.replay_sent(of_plan uuid, failures uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE teller.replay_items SET state = 'sent'
    WHERE plan_id = of_plan AND failure_id = ANY (failures) AND state = 'sending'
$$;

-- The broker has not taken this one: it is to be sent later, or with an outcome, cannot be sent.
CREATE FUNCTION teller.replay_unsent(of_plan uuid, failure uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE teller.replay_items i
    SET state = CASE WHEN why IS NULL THEN 'pending' ELSE 'failed' END, outcome = why,
        settled_at = CASE WHEN why IS NULL THEN NULL ELSE clock_timestamp() END
    WHERE i.plan_id = of_plan AND i.failure_id = failure AND i.state = 'sending';
    IF FOUND AND why IS NULL THEN
        UPDATE teller.replay_plans p SET sent = p.sent - 1 WHERE p.plan_id = of_plan;
    ELSIF FOUND THEN
        UPDATE teller.failures f SET state = 'open' WHERE f.failure_id = failure AND f.state = 'replaying';
    END IF;
END
$$;

-- How a plan stands, cheap enough to be asked many times a second.
--   waited     how long the slowest message that is not settled waited, or has waited, for a worker: the live queue's latency, in seconds
--   returned   messages that failed for the same reason again, since the plan was started or went on; an attempt that failed counts
CREATE FUNCTION teller.replay_status(
    of_plan uuid, OUT state text, OUT stop_reason text, OUT runner uuid, OUT sent integer, OUT is_pending boolean, OUT unsettled bigint,
    OUT waited double precision, OUT returned bigint, OUT failed bigint
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.state, p.stop_reason, p.runner, p.sent,
        EXISTS (SELECT FROM teller.replay_items i WHERE i.plan_id = of_plan AND i.state = 'pending'),
        n.unsettled, n.waited, n.returned, n.failed
    FROM teller.replay_plans p, LATERAL (
        SELECT count(*) FILTER (WHERE i.state <> 'failed') AS unsettled,
            coalesce(max(extract(epoch FROM coalesce(i.arrived_at, clock_timestamp()) - i.sent_at)) FILTER (WHERE i.state <> 'failed'), 0)
                ::double precision AS waited,
            count(*) FILTER (WHERE i.sent_at >= p.resumed_at AND (i.state = 'failed' AND i.returned_fingerprint = i.fingerprint
                OR i.state <> 'failed' AND EXISTS (SELECT FROM teller.attempts a
                    WHERE a.request_id = i.request_id AND a.fingerprint = i.fingerprint AND a.failed_at >= i.sent_at))) AS returned,
            count(*) FILTER (WHERE i.sent_at >= p.resumed_at AND i.state = 'failed') AS failed
        FROM teller.replay_items i WHERE i.plan_id = of_plan AND i.state IN ('sending', 'sent', 'failed')
    ) AS n
    WHERE p.plan_id = of_plan
$$;

GRANT EXECUTE ON FUNCTION teller.plan_replay, teller.edit_replay, teller.planned_message, teller.start_replay, teller.stop_replay,
    teller.send_next, teller.replay_sent, teller.replay_unsent, teller.replay_status TO teller_operator;

RESET ROLE;
