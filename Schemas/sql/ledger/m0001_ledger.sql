-- The ledger: what a bank maps its core tables onto.
--
-- Either load these tables, or drop one and put a view of the same name and columns in its place:
--
--     CREATE VIEW ledger.accounts WITH (security_invoker = true) AS SELECT … FROM core.accounts;
--
-- security_invoker matters: without it the view reads with its owner's rights and row security does not bind the worker.
-- The core table then needs what the loop at the end of this file gives ours (ENABLE, FORCE, the policy, the grant).
-- Money is numeric(19,4) in the currency beside it, times are instants, and a child row repeats the customer so that its
-- foreign key proves that the parent belongs to the same customer.

SET LOCAL ROLE teller_owner;

-- Domains over text and numeric rather than enum types: a client reads them as the plain type.
CREATE DOMAIN ledger.identifier AS text CHECK (VALUE ~ '^[!-~]{1,128}$');
CREATE DOMAIN ledger.currency AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN ledger.money AS numeric(19, 4);
CREATE DOMAIN ledger.rate AS numeric(9, 6) CHECK (VALUE >= 0 AND VALUE < 10);
CREATE DOMAIN ledger.name AS text CHECK (char_length(VALUE) BETWEEN 1 AND 200 AND VALUE !~ '[\x01-\x1f\x7f]');
CREATE DOMAIN ledger.language AS text CHECK (VALUE IN ('en', 'zh'));
CREATE DOMAIN ledger.account_kind AS text CHECK (VALUE IN ('checking', 'savings', 'credit', 'loan', 'brokerage'));
CREATE DOMAIN ledger.category AS text CHECK (VALUE IN (
    'groceries', 'dining', 'transport', 'shopping', 'entertainment', 'travel', 'utilities', 'health', 'rent', 'education',
    'income', 'transfer', 'fees', 'interest', 'cash', 'other'));
CREATE DOMAIN ledger.risk_level AS smallint CHECK (VALUE BETWEEN 1 AND 5);
COMMENT ON DOMAIN ledger.identifier IS 'An id: 1 to 128 visible ASCII characters.';
COMMENT ON DOMAIN ledger.currency IS 'ISO 4217 code.';
COMMENT ON DOMAIN ledger.rate IS 'A yearly rate as a fraction: 0.0475 is 4.75 %.';
COMMENT ON DOMAIN ledger.risk_level IS
    '1 is the most cautious, 5 the most risky: C1 to C5 of a customer, R1 to R5 of a product.';

-- Searching must find "NETFLIX.COM" for netflix and 星巴克（国贸店） for 星巴克. NFKC turns full-width forms into their plain
-- ones, and translate drops an explicit list, so that the result does not depend on the database's locale.
CREATE FUNCTION ledger.search_key(phrase text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pg_catalog.translate(pg_catalog.lower(normalize(phrase, NFKC)),
        E' \t\r\n\u200B!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~·•’‘“”–—…、。《》〈〉「」『』【】〔〕', '')
$$;
COMMENT ON FUNCTION ledger.search_key IS
    'Text as searches compare it: compatibility-normalised, lower case, without spaces and punctuation.';
GRANT EXECUTE ON FUNCTION ledger.search_key TO teller_worker;

CREATE TABLE ledger.customers (
    customer_id ledger.identifier PRIMARY KEY,
    name ledger.name NOT NULL,
    locale text NOT NULL CHECK (locale ~ '^[a-z]{2}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'),
    time_zone text NOT NULL CHECK (time_zone ~ '^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$'),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE ledger.customers IS
    'Who may ask. locale is BCP 47 (en-US, zh-CN); time_zone is an IANA name and decides what "last month" means.';

CREATE TABLE ledger.accounts (
    account_id ledger.identifier PRIMARY KEY,
    customer_id ledger.identifier NOT NULL REFERENCES ledger.customers ON DELETE CASCADE,
    kind ledger.account_kind NOT NULL,
    name ledger.name NOT NULL,
    last_digits text NOT NULL CHECK (last_digits ~ '^[0-9]{4}$'),
    currency ledger.currency NOT NULL,
    balance ledger.money NOT NULL,
    available ledger.money,
    credit_limit ledger.money CHECK (credit_limit >= 0),
    opened_on date NOT NULL,
    as_of timestamptz NOT NULL,
    CHECK ((kind = 'credit') = (credit_limit IS NOT NULL)),
    UNIQUE (customer_id, account_id, currency),
    UNIQUE (customer_id, account_id, kind)
);
COMMENT ON TABLE ledger.accounts IS
    'A balance below zero is owed by the customer: a card or a loan. Map right(number, 4) onto last_digits: no full'
    ' account or card number belongs here. available is what can be spent now, where the core system knows it.';

CREATE TABLE ledger.transactions (
    transaction_id ledger.identifier PRIMARY KEY,
    customer_id ledger.identifier NOT NULL,
    account_id ledger.identifier NOT NULL,
    posted_at timestamptz NOT NULL,
    amount ledger.money NOT NULL CHECK (amount <> 0),
    currency ledger.currency NOT NULL,
    balance_after ledger.money,
    merchant ledger.name,
    description ledger.name NOT NULL,
    category ledger.category,
    search_key text NOT NULL
        GENERATED ALWAYS AS (ledger.search_key(coalesce(merchant, '')) || ' ' || ledger.search_key(description)) STORED,
    FOREIGN KEY (customer_id, account_id, currency)
        REFERENCES ledger.accounts (customer_id, account_id, currency) ON DELETE CASCADE
);
COMMENT ON TABLE ledger.transactions IS
    'Posted movements. amount is negative when money leaves the account; balance_after is the balance that follows,'
    ' where the core system knows it. search_key is what searches look into; a mapping view computes it as this '
    'table does.';
CREATE INDEX transactions_of_customer ON ledger.transactions (customer_id, posted_at DESC, transaction_id DESC);
CREATE INDEX transactions_of_account ON ledger.transactions (customer_id, account_id, currency, posted_at DESC);

CREATE TABLE ledger.loan_products (
    product_id ledger.identifier PRIMARY KEY,
    name_en ledger.name NOT NULL,
    name_zh ledger.name NOT NULL,
    currency ledger.currency NOT NULL,
    annual_rate ledger.rate NOT NULL,
    rate_kind text NOT NULL CHECK (rate_kind IN ('fixed', 'variable')),
    minimum_amount ledger.money NOT NULL CHECK (minimum_amount > 0),
    maximum_amount ledger.money NOT NULL,
    minimum_months integer NOT NULL CHECK (minimum_months > 0),
    maximum_months integer NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (maximum_amount >= minimum_amount),
    CHECK (maximum_months >= minimum_months),
    UNIQUE (product_id, currency)
);
COMMENT ON TABLE ledger.loan_products IS 'Loans on offer. The same for every customer, so without row security.';

CREATE TABLE ledger.loans (
    loan_id ledger.identifier PRIMARY KEY,
    customer_id ledger.identifier NOT NULL,
    account_id ledger.identifier NOT NULL,
    account_kind ledger.account_kind NOT NULL GENERATED ALWAYS AS ('loan') STORED,
    product_id ledger.identifier NOT NULL,
    currency ledger.currency NOT NULL,
    principal ledger.money NOT NULL CHECK (principal > 0),
    outstanding ledger.money NOT NULL CHECK (outstanding BETWEEN 0 AND principal),
    annual_rate ledger.rate NOT NULL,
    repayment text NOT NULL CHECK (repayment IN ('equal_payments', 'equal_principal', 'interest_only')),
    months integer NOT NULL CHECK (months > 0),
    opened_on date NOT NULL,
    next_payment_on date,
    next_payment ledger.money CHECK (next_payment > 0),
    as_of timestamptz NOT NULL,
    CHECK ((next_payment_on IS NULL) = (next_payment IS NULL)),
    FOREIGN KEY (customer_id, account_id, currency)
        REFERENCES ledger.accounts (customer_id, account_id, currency) ON DELETE CASCADE,
    FOREIGN KEY (customer_id, account_id, account_kind)
        REFERENCES ledger.accounts (customer_id, account_id, kind) ON DELETE CASCADE,
    FOREIGN KEY (product_id, currency) REFERENCES ledger.loan_products (product_id, currency)
);
COMMENT ON TABLE ledger.loans IS 'Loans being repaid. equal_payments is 等额本息, equal_principal is 等额本金.';
CREATE INDEX loans_of_customer ON ledger.loans (customer_id, account_id);

CREATE TABLE ledger.loan_applications (
    application_id ledger.identifier PRIMARY KEY,
    customer_id ledger.identifier NOT NULL REFERENCES ledger.customers ON DELETE CASCADE,
    product_id ledger.identifier NOT NULL,
    currency ledger.currency NOT NULL,
    amount ledger.money NOT NULL CHECK (amount > 0),
    months integer NOT NULL CHECK (months > 0),
    status text NOT NULL CHECK (status IN ('draft', 'submitted', 'approved', 'declined', 'withdrawn')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL CHECK (updated_at >= created_at),
    FOREIGN KEY (product_id, currency) REFERENCES ledger.loan_products (product_id, currency)
);
COMMENT ON TABLE ledger.loan_applications IS 'Applications for a loan and where they stand.';
CREATE INDEX loan_applications_of_customer ON ledger.loan_applications (customer_id, updated_at DESC);

CREATE TABLE ledger.instruments (
    instrument_id ledger.identifier PRIMARY KEY,
    symbol ledger.identifier NOT NULL,
    market ledger.identifier NOT NULL,
    name_en ledger.name NOT NULL,
    name_zh ledger.name NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stock', 'etf', 'fund', 'bond', 'money_market', 'structured')),
    currency ledger.currency NOT NULL,
    risk_level ledger.risk_level NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (market, symbol),
    UNIQUE (instrument_id, currency)
);
COMMENT ON TABLE ledger.instruments IS
    'What can be held. Where issuer and seller rate the risk differently, map the higher level.';

CREATE TABLE ledger.prices (
    instrument_id ledger.identifier NOT NULL,
    currency ledger.currency NOT NULL,
    priced_on date NOT NULL,
    close numeric(19, 6) NOT NULL CHECK (close > 0),
    as_of timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, priced_on),
    FOREIGN KEY (instrument_id, currency) REFERENCES ledger.instruments (instrument_id, currency) ON DELETE CASCADE
);
COMMENT ON TABLE ledger.prices IS 'One closing price an instrument and trading day.';

CREATE TABLE ledger.positions (
    customer_id ledger.identifier NOT NULL,
    account_id ledger.identifier NOT NULL,
    account_kind ledger.account_kind NOT NULL GENERATED ALWAYS AS ('brokerage') STORED,
    instrument_id ledger.identifier NOT NULL,
    currency ledger.currency NOT NULL,
    quantity numeric(28, 8) NOT NULL CHECK (quantity <> 0),
    cost ledger.money NOT NULL,
    as_of timestamptz NOT NULL,
    PRIMARY KEY (account_id, instrument_id),
    FOREIGN KEY (customer_id, account_id, account_kind)
        REFERENCES ledger.accounts (customer_id, account_id, kind) ON DELETE CASCADE,
    FOREIGN KEY (instrument_id, currency) REFERENCES ledger.instruments (instrument_id, currency)
);
COMMENT ON TABLE ledger.positions IS
    'What a brokerage account holds. cost is what was paid for the whole position; a short position has a negative '
    'quantity.';
CREATE INDEX positions_of_customer ON ledger.positions (customer_id, account_id);

CREATE TABLE ledger.orders (
    order_id ledger.identifier PRIMARY KEY,
    customer_id ledger.identifier NOT NULL,
    account_id ledger.identifier NOT NULL,
    account_kind ledger.account_kind NOT NULL GENERATED ALWAYS AS ('brokerage') STORED,
    instrument_id ledger.identifier NOT NULL,
    currency ledger.currency NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    kind text NOT NULL CHECK (kind IN ('market', 'limit')),
    limit_price numeric(19, 6) CHECK (limit_price > 0),
    quantity numeric(28, 8) NOT NULL CHECK (quantity > 0),
    filled_quantity numeric(28, 8) NOT NULL DEFAULT 0 CHECK (filled_quantity BETWEEN 0 AND quantity),
    average_price numeric(19, 6) CHECK (average_price > 0),
    status text NOT NULL CHECK (status IN ('open', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired')),
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL CHECK (updated_at >= placed_at),
    CHECK ((kind = 'limit') = (limit_price IS NOT NULL)),
    CHECK ((filled_quantity > 0) = (average_price IS NOT NULL)),
    CHECK ((status = 'filled') = (filled_quantity = quantity)),
    FOREIGN KEY (customer_id, account_id, account_kind)
        REFERENCES ledger.accounts (customer_id, account_id, kind) ON DELETE CASCADE,
    FOREIGN KEY (instrument_id, currency) REFERENCES ledger.instruments (instrument_id, currency)
);
COMMENT ON TABLE ledger.orders IS 'Orders placed elsewhere, to report on. Nothing here trades.';
CREATE INDEX orders_of_customer ON ledger.orders (customer_id, placed_at DESC);

CREATE TABLE ledger.customer_finances (
    customer_id ledger.identifier PRIMARY KEY REFERENCES ledger.customers ON DELETE CASCADE,
    currency ledger.currency NOT NULL,
    monthly_income ledger.money CHECK (monthly_income >= 0),
    monthly_debt ledger.money CHECK (monthly_debt >= 0),
    risk_level ledger.risk_level,
    risk_assessed_on date,
    risk_valid_until date CHECK (risk_valid_until >= risk_assessed_on),
    as_of timestamptz NOT NULL,
    CHECK ((risk_level IS NULL) = (risk_assessed_on IS NULL)),
    CHECK ((risk_level IS NULL) = (risk_valid_until IS NULL))
);
COMMENT ON TABLE ledger.customer_finances IS
    'Declared income and debt, and the latest risk questionnaire. An absent or expired questionnaire means: no '
    'product may be named.';

CREATE TABLE ledger.articles (
    article_id ledger.identifier PRIMARY KEY,
    language ledger.language NOT NULL,
    topic text NOT NULL CHECK (topic ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    title ledger.name NOT NULL,
    body text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 4000),
    keywords text[] NOT NULL CHECK (cardinality(keywords) BETWEEN 1 AND 40),
    updated_at timestamptz NOT NULL,
    UNIQUE (topic, language)
);
COMMENT ON TABLE ledger.articles IS
    'What the bank wants customers told about banking and investing. The same for everybody, so without row '
    'security.';

-- Every table that has a customer shows the worker that customer's rows only, and its owner obeys as well.
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT c.oid FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r'
            AND a.attname = 'customer_id' AND NOT a.attisdropped
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY own_rows ON %s FOR SELECT TO teller_worker USING (customer_id = (SELECT teller.me()))',
            relation);
    END LOOP;
END
$$;

-- The worker reads what its questions read; a later migration that adds a question adds its grant.
GRANT SELECT ON ledger.customers, ledger.accounts, ledger.transactions, ledger.articles TO teller_worker;

RESET ROLE;
