-- The worker's own tables: which requests it has seen, what it answered, and what it could not answer.
--
-- The worker changes state through the functions below and nothing else. Each one that works on a customer's rows runs with
-- the worker's rights, so that row security keeps it to the customer who logged in; those that must reach across customers
-- are SECURITY DEFINER and take or give no customer data.

SET LOCAL ROLE teller_owner;

CREATE TABLE teller.conversations (
    customer_id ledger.identifier NOT NULL,
    conversation_id ledger.identifier NOT NULL,
    last_turn bigint NOT NULL DEFAULT 0 CHECK (last_turn >= 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, conversation_id)
);
COMMENT ON TABLE teller.conversations IS 'Counts the turns of a conversation. Two customers may use the same id; their conversations have nothing in common.';

CREATE TABLE teller.requests (
    request_id ledger.identifier PRIMARY KEY,
    customer_id ledger.identifier NOT NULL,
    conversation_id ledger.identifier NOT NULL,
    turn bigint NOT NULL CHECK (turn > 0),
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'retrying', 'settled')),
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    unaccounted integer NOT NULL DEFAULT 0 CHECK (unaccounted >= 0),
    worker_id uuid,
    lease_until timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    FOREIGN KEY (customer_id, conversation_id) REFERENCES teller.conversations,
    UNIQUE (customer_id, request_id),
    UNIQUE (customer_id, conversation_id, turn),
    CHECK ((state = 'running') = (worker_id IS NOT NULL)),
    CHECK ((state = 'settled') = (settled_at IS NOT NULL))
);
COMMENT ON TABLE teller.requests IS 'The inbox. attempt is the fence: a worker may record or release only the attempt that it started.';
COMMENT ON COLUMN teller.requests.unaccounted IS 'Attempts that began and of which nobody told the end: the process that ran them is taken to have crashed.';
CREATE INDEX requests_unsettled ON teller.requests (customer_id, conversation_id, turn) WHERE state <> 'settled';

CREATE TABLE teller.attempts (
    request_id ledger.identifier NOT NULL,
    customer_id ledger.identifier NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    worker_id uuid NOT NULL,
    failure_class text NOT NULL CHECK (failure_class IN ('poison', 'refused', 'expired', 'infrastructure', 'transient', 'bug')),
    fingerprint text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, attempt),
    FOREIGN KEY (customer_id, request_id) REFERENCES teller.requests (customer_id, request_id)
);
COMMENT ON TABLE teller.attempts IS 'One row for each attempt that failed.';

CREATE TABLE teller.answers (
    answer_id uuid PRIMARY KEY,
    request_id ledger.identifier NOT NULL,
    customer_id ledger.identifier NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    status text NOT NULL CHECK (status IN ('answered', 'refused', 'expired', 'failed')),
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 1048576),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (request_id, version),
    UNIQUE (customer_id, answer_id),
    FOREIGN KEY (customer_id, request_id) REFERENCES teller.requests (customer_id, request_id)
);
COMMENT ON TABLE teller.answers IS 'What was answered, byte for byte: a repeated request is sent exactly this again.';

CREATE TABLE teller.turns (
    customer_id ledger.identifier NOT NULL,
    conversation_id ledger.identifier NOT NULL,
    turn bigint NOT NULL CHECK (turn > 0),
    request_id ledger.identifier NOT NULL,
    language text NOT NULL CHECK (language IN ('en', 'zh')),
    plan jsonb,
    PRIMARY KEY (customer_id, conversation_id, turn),
    FOREIGN KEY (customer_id, request_id) REFERENCES teller.requests (customer_id, request_id)
);
COMMENT ON TABLE teller.turns IS 'What a follow-up question needs of the turns before it: the plan. The words themselves are not kept here.';

CREATE TABLE teller.outbox (
    answer_id uuid PRIMARY KEY,
    customer_id ledger.identifier NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (customer_id, answer_id) REFERENCES teller.answers (customer_id, answer_id)
);
COMMENT ON TABLE teller.outbox IS 'Answers that are recorded and not yet confirmed by the broker. Their request is still unacknowledged, so the broker delivers it again and the answer is sent then.';

CREATE TABLE teller.audit (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    worker_id uuid,
    request_id ledger.identifier,
    customer_id ledger.identifier,
    detail jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE teller.audit IS 'Append only. Which worker answered which request from which rows, by which model; no words and no figures.';

CREATE TABLE teller.failures (
    failure_id uuid PRIMARY KEY,
    request_id text,
    customer_id ledger.identifier,
    failure_class text NOT NULL CHECK (failure_class IN ('poison', 'refused', 'expired', 'infrastructure', 'transient', 'bug')),
    fingerprint text NOT NULL,
    problem jsonb NOT NULL,
    attempts integer NOT NULL CHECK (attempts >= 0),
    first_failed_at timestamptz NOT NULL,
    last_failed_at timestamptz NOT NULL,
    queue text NOT NULL,
    exchange text NOT NULL,
    routing_key text NOT NULL,
    properties jsonb NOT NULL,
    body bytea NOT NULL
);
COMMENT ON TABLE teller.failures IS 'Dead letters: the whole message and why it was given up. customer_id only where it was verified.';
CREATE INDEX failures_by_time ON teller.failures (last_failed_at DESC, failure_id);
CREATE INDEX failures_by_fingerprint ON teller.failures (fingerprint, last_failed_at DESC);

DO $$
DECLARE
    owned name;
BEGIN
    FOREACH owned IN ARRAY ARRAY['conversations', 'requests', 'attempts', 'answers', 'turns', 'outbox', 'audit', 'failures']::name[] LOOP
        EXECUTE format('ALTER TABLE teller.%I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('ALTER TABLE teller.%I FORCE ROW LEVEL SECURITY', owned);
    END LOOP;
    FOREACH owned IN ARRAY ARRAY['conversations', 'requests', 'attempts', 'answers', 'turns', 'outbox', 'audit']::name[] LOOP
        EXECUTE format('CREATE POLICY own ON teller.%I TO teller_worker
            USING (customer_id = (SELECT teller.me())) WITH CHECK (customer_id = (SELECT teller.me()))', owned);
    END LOOP;
END
$$;

-- The functions that reach across customers run as the owner, who is bound by FORCE like anyone else.
CREATE POLICY across ON teller.failures TO teller_owner USING (true) WITH CHECK (true);
CREATE POLICY across ON teller.outbox TO teller_owner USING (true);
CREATE POLICY across ON teller.requests TO teller_owner USING (true) WITH CHECK (true);
-- An operator sees every dead letter, without its words: the grant below leaves the body out.
CREATE POLICY operator ON teller.failures FOR SELECT TO teller_operator USING (true);

GRANT SELECT, INSERT, UPDATE ON teller.conversations, teller.requests TO teller_worker;
GRANT SELECT, INSERT ON teller.attempts, teller.answers, teller.turns, teller.outbox TO teller_worker;
GRANT INSERT ON teller.audit TO teller_worker;
GRANT SELECT (failure_id, request_id, failure_class, fingerprint, problem, attempts, first_failed_at, last_failed_at,
    queue, exchange, routing_key, properties) ON teller.failures TO teller_operator;

-- Starts an attempt, or says why not. One row comes back, whose outcome is
--   started      this worker holds the request until the lease ends; attempt is the fence
--   settled      there is an answer: answer_id, version and body are what to send again
--   conflict     the id is taken by another body or another customer
--   quarantined  as many attempts as allowed began and vanished; attempt is held, so that the failure can be recorded
--   waiting      an earlier turn of the conversation is not settled, or another worker is at it
--   suspect      an attempt at it vanished before: claim it again with alone, when this worker is at nothing else
--   unknown      the request was never claimed, and accept_new is false
-- A worker that claims what it already holds keeps its attempt: it had to wait for a server, not crash. What another worker
-- holds is taken over when the broker says that it was delivered before, since the broker then lost that worker; a duplicate
-- that was never delivered waits.
CREATE FUNCTION teller.claim(
    request text, conversation text, sha256 bytea, accept_new boolean, redelivered boolean, alone boolean, worker uuid, lease interval, crash_limit integer,
    OUT outcome text, OUT attempt integer, OUT failures integer, OUT first_claim timestamptz,
    OUT answer_id uuid, OUT version integer, OUT status text, OUT body bytea, OUT previous_plan jsonb
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me text := teller.me();
    this_turn bigint;
    elsewhere boolean;
    held teller.requests;
BEGIN
    SELECT * INTO held FROM teller.requests r WHERE r.request_id = request FOR UPDATE;
    IF NOT FOUND THEN
        IF NOT accept_new THEN
            outcome := 'unknown';
            RETURN;
        END IF;
        -- The conversation's row is locked until commit, so that turns are numbered in the order in which they are seen.
        INSERT INTO teller.conversations AS c (customer_id, conversation_id, last_turn) VALUES (me, conversation, 1)
        ON CONFLICT (customer_id, conversation_id) DO UPDATE SET last_turn = c.last_turn + 1, updated_at = now()
        RETURNING last_turn INTO this_turn;
        INSERT INTO teller.requests (request_id, customer_id, conversation_id, turn, body_sha256, lease_until)
        VALUES (request, me, conversation, this_turn, sha256, clock_timestamp() + lease)
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
    IF held.body_sha256 <> sha256 OR held.conversation_id <> conversation THEN
        outcome := 'conflict';
        RETURN;
    END IF;
    first_claim := held.received_at;
    failures := held.failures;
    attempt := held.attempt;
    IF held.state = 'settled' THEN
        outcome := 'settled';
        SELECT a.answer_id, a.version, a.status, a.body INTO claim.answer_id, claim.version, claim.status, claim.body
        FROM teller.answers a WHERE a.request_id = request ORDER BY a.version DESC LIMIT 1;
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

-- Records the end of an attempt with its answer, in one step; SQLSTATE TL001 when the attempt is no longer this worker's.
CREATE FUNCTION teller.record(
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
    VALUES (held.customer_id, held.conversation_id, held.turn, request, answer_language, answer_plan);
    INSERT INTO teller.audit (action, worker_id, request_id, customer_id, detail)
    VALUES ('answer', worker, request, held.customer_id, detail);
    INSERT INTO teller.outbox (answer_id, customer_id) VALUES (answer, held.customer_id);
END
$$;

-- Ends an attempt without an answer: after a failure that is retried (its class and fingerprint are kept), or unused, when
-- the worker gives the request back. Says whether the attempt was still this worker's.
CREATE FUNCTION teller.release(
    request text, fence integer, worker uuid, class text, failure_fingerprint text, retry_in interval
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held teller.requests;
BEGIN
    UPDATE teller.requests r
    SET state = 'retrying', worker_id = NULL, unaccounted = r.unaccounted - 1,
        failures = r.failures + (class IS NOT NULL)::integer, lease_until = clock_timestamp() + retry_in + interval '60 seconds'
    WHERE r.request_id = request AND r.state = 'running' AND r.attempt = fence AND r.worker_id = worker
    RETURNING * INTO held;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF class IS NOT NULL THEN
        INSERT INTO teller.attempts (request_id, customer_id, attempt, worker_id, failure_class, fingerprint)
        VALUES (request, held.customer_id, fence, worker, class, failure_fingerprint);
    END IF;
    RETURN true;
END
$$;

-- What an attempt that was overtaken says when it ends: that it did not crash.
CREATE FUNCTION teller.survived(request text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE teller.requests SET unaccounted = unaccounted - 1 WHERE request_id = request AND unaccounted > 1 AND state <> 'settled'
$$;

-- The broker has confirmed these answers.
CREATE FUNCTION teller.published(answers uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM teller.outbox WHERE answer_id = ANY (answers)
$$;

-- Keeps a dead letter. Repeating it changes only the time, so that a message dead-lettered twice is kept once.
CREATE FUNCTION teller.bury(
    failure uuid, request text, customer text, class text, failure_fingerprint text, failure_problem jsonb, failure_attempts integer,
    first_failure timestamptz, source_queue text, source_exchange text, source_routing_key text, message_properties jsonb,
    message_body bytea
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO teller.failures (failure_id, request_id, customer_id, failure_class, fingerprint, problem, attempts,
        first_failed_at, last_failed_at, queue, exchange, routing_key, properties, body)
    VALUES (failure, request, customer, class, failure_fingerprint, failure_problem, failure_attempts,
        first_failure, now(), source_queue, source_exchange, source_routing_key, message_properties, message_body)
    ON CONFLICT (failure_id) DO UPDATE SET last_failed_at = now()
$$;

GRANT EXECUTE ON FUNCTION teller.claim, teller.record, teller.release, teller.survived, teller.published, teller.bury
    TO teller_worker;

RESET ROLE;
