-- A million dead letters as a bank might have after a bad month: 200 causes, 50,000 customers, three queues. Run as a superuser, or
-- as a member of teller_owner.
SET ROLE teller_owner;
INSERT INTO teller.failures (failure_id, request_id, customer_id, conversation_id, failure_class, fingerprint, problem, attempts,
    first_failed_at, last_failed_at, queue, exchange, routing_key, properties, withheld, body, outline, state, discard_reason, source,
    schema_version, model)
SELECT gen_random_uuid(), 'request-' || n, 'C-' || n % 50000, 'conversation-' || n % 200000,
    (ARRAY['poison', 'transient', 'bug', 'expired'])[1 + n % 4], lpad(to_hex((n % 200) * 2654435761), 16, '0'),
    jsonb_build_object('type', 'urn:teller:problem:cause-' || n % 200, 'title', 'Cause ' || n % 200, 'status', 500 + n % 5,
        'class', 'transient', 'retryable', n % 2 = 0),
    1 + n % 4, moment - interval '71 seconds', moment,
    (ARRAY['teller.requests.banking', 'teller.requests.trading', 'teller.requests.banking'])[1 + n % 3], 'teller.requests',
    'banking.branch-' || n % 100,
    jsonb_build_object('type', 'teller.chat.request.v1', 'message_id', 'request-' || n, 'content_type', 'application/json',
        'delivery_mode', 2, 'reply_to', 'teller.replies.app', 'headers', jsonb_build_array(
            jsonb_build_object('name', 'authorization', 'value', jsonb_build_object('withheld', true)),
            jsonb_build_object('name', 'tenant', 'value', 'branch-' || n % 100),
            jsonb_build_object('name', 'release', 'value', jsonb_build_object('int64', n % 30)))),
    jsonb_build_array('Bearer ' || repeat('x', 300)), body, teller.outline(body),
    CASE WHEN n % 10 = 0 THEN 'discarded' ELSE 'open' END, CASE WHEN n % 10 = 0 THEN 'known cause' END,
    CASE WHEN n % 50 = 0 THEN 'broker' ELSE 'worker' END, 'teller.chat.request.v1', 'teller-embedded@1/q8'
FROM generate_series(1, 1000000) AS n
CROSS JOIN LATERAL (SELECT timestamptz '2026-11-01 00:00Z' + n * interval '2 seconds' AS moment,
    convert_to(format('{"conversation_id":"conversation-%s","customer_id":"C-%s","question":"%s","channel":"%s"}',
        n % 200000, n % 50000, repeat('What did I spend on groceries last month? ', 4), CASE WHEN n % 2 = 0 THEN 'app' ELSE 'web' END),
        'UTF8') AS body) AS made;
RESET ROLE;
VACUUM (ANALYZE) teller.failures;
