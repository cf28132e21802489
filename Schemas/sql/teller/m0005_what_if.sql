-- What-if: dead letters and answered requests are handed out to be tried again, with publishing and recording off.
--
-- What is handed out is a customer's, so each message leaves an entry in the operators' audit chain. Nothing here changes a
-- request, an answer or a dead letter.

SET LOCAL ROLE teller_owner;

-- Yesterday's traffic is picked by time. A block range index costs a new request next to nothing.
CREATE INDEX requests_by_time ON teller.requests USING brin (received_at);

CREATE POLICY what_if ON teller.requests FOR SELECT TO teller_operator USING (true);
CREATE POLICY what_if ON teller.answers FOR SELECT TO teller_operator USING (true);
CREATE POLICY what_if ON teller.turns FOR SELECT TO teller_owner USING (true);
GRANT SELECT (request_id, customer_id, conversation_id, turn, state, received_at, settled_at) ON teller.requests TO teller_operator;
GRANT SELECT (request_id, version, status) ON teller.answers TO teller_operator;

-- The plan that a request's claim found: that of the latest turn before its own.
CREATE FUNCTION teller.plan_before(request text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.plan FROM teller.requests r JOIN teller.turns t USING (customer_id, conversation_id)
    WHERE r.request_id = request AND t.turn < r.turn ORDER BY t.turn DESC LIMIT 1
$$;

CREATE FUNCTION teller.current_answer(request text) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.body FROM teller.answers a WHERE a.request_id = request ORDER BY a.version DESC LIMIT 1
$$;

-- Hands out requests in the order asked, each with whom it was proven to speak for and what it was answered.
CREATE FUNCTION teller.take_requests(
    requests text[], purpose text, operation uuid,
    OUT request_id text, OUT customer_id text, OUT received_at timestamptz, OUT previous_plan jsonb, OUT answer bytea, OUT body bytea
) RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR request_id, customer_id, received_at, previous_plan, answer, body IN
        SELECT r.request_id, r.customer_id, r.received_at, teller.plan_before(r.request_id), teller.current_answer(r.request_id), r.body
        FROM unnest(requests) WITH ORDINALITY AS wanted (id, place) JOIN teller.requests r ON r.request_id = wanted.id
        ORDER BY wanted.place
    LOOP
        PERFORM teller.audit_operation(operation, purpose, NULL, jsonb_build_object('request_id', request_id));
        RETURN NEXT;
    END LOOP;
END
$$;

-- Hands out dead letters in the order asked, as teller.take_messages does, with the edit that the plan would send in the place of
-- the body, and with what is known of the request. Only a request of the same body and, where one was verified, the same customer
-- is this message's: an id that was used twice must not show one customer's answer beside the other's question.
CREATE FUNCTION teller.take_trials(
    failures uuid[], of_plan uuid, purpose text, operation uuid,
    OUT failure_id uuid, OUT exchange text, OUT routing_key text, OUT queue text, OUT properties jsonb, OUT withheld jsonb,
    OUT body bytea, OUT request_id text, OUT customer_id text, OUT received_at timestamptz, OUT previous_plan jsonb, OUT answer bytea
) RETURNS SETOF record LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.failure_id, m.exchange, m.routing_key, m.queue, m.properties, m.withheld, coalesce(e.body, m.body), f.request_id,
        coalesce(f.customer_id, r.customer_id), coalesce(r.received_at, f.first_failed_at), teller.plan_before(r.request_id),
        teller.current_answer(r.request_id)
    FROM teller.take_messages(take_trials.failures, purpose, operation) AS m
    JOIN teller.failures f ON f.failure_id = m.failure_id
    LEFT JOIN teller.requests r ON r.request_id = f.request_id AND r.body_sha256 = sha256(f.body)
        AND (f.customer_id IS NULL OR r.customer_id = f.customer_id)
    LEFT JOIN teller.replay_items i ON i.plan_id = of_plan AND i.failure_id = m.failure_id
    LEFT JOIN teller.replay_edits e ON e.plan_id = i.plan_id AND e.failure_id = i.failure_id AND e.number = i.edit
    ORDER BY array_position(take_trials.failures, m.failure_id)
$$;

GRANT EXECUTE ON FUNCTION teller.take_requests, teller.take_trials TO teller_operator;

RESET ROLE;
