#include "database.h"
#include <stdio.h>

// As Sources/Teller/Journal and Sources/Ledger/Questions have them.
static const char *const statements[STATEMENT_COUNT] = {
    [BEGIN_WRITING] = "BEGIN ISOLATION LEVEL READ COMMITTED",
    [BEGIN_READING] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [COMMIT] = "COMMIT",
    [LOGIN] = "SELECT teller.login($1, $2, $3, $4)",
    [CLAIM] =
        "SELECT outcome, attempt, failures, first_claim, answer_id, version, status, body, previous_plan"
        " FROM teller.claim($1, $2, $3, $4, $5, $6, $7, make_interval(secs => $8), $9)",
    [PROFILE] = "SELECT name, locale, time_zone FROM ledger.customers",
    [ACCOUNTS] =
        "SELECT account_id, kind, name, last_digits, currency, balance, available, credit_limit, as_of"
        " FROM ledger.accounts AS a WHERE true AND a.kind = $1"
        " ORDER BY array_position(ARRAY['checking', 'savings', 'credit', 'loan', 'brokerage'], kind::text), account_id",
    [RECORD] = "SELECT teller.record($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    [PUBLISHED] = "SELECT teller.published($1)",
};

static const char *name(enum statement statement, char buffer[16])
{
    snprintf(buffer, 16, "baseline_%d", (int)statement);
    return buffer;
}

static int fail_connection(struct database *database, const char *action)
{
    return fail(database->failure, "%s: %s", action, PQerrorMessage(database->connection));
}

int database_open(struct database *database, const char *address, struct failure *failure)
{
    database->failure = failure;
    database->connection = PQconnectdb(address);
    if (PQstatus(database->connection) != CONNECTION_OK) {
        return fail_connection(database, "connecting to the database");
    }
    for (enum statement statement = 0; statement < STATEMENT_COUNT; statement++) {
        char buffer[16];
        PGresult *result =
            PQprepare(database->connection, name(statement, buffer), statements[statement], 0, NULL);
        bool is_prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (!is_prepared) {
            return fail_connection(database, "preparing a statement");
        }
    }
    if (PQsetnonblocking(database->connection, 1) != 0 || PQenterPipelineMode(database->connection) != 1) {
        return fail_connection(database, "entering pipeline mode");
    }
    return 0;
}

int database_add(struct database *database, enum statement statement, const struct values *values)
{
    int formats[10] = {0};
    for (int i = 0; values && i < values->count; i++) {
        formats[i] = values->sizes[i] > 0;
    }
    char buffer[16];
    int is_sent = PQsendQueryPrepared(
        database->connection, name(statement, buffer), values ? values->count : 0, values ? values->texts : NULL,
        values ? values->sizes : NULL, formats, 0);
    if (!is_sent) {
        return fail_connection(database, "sending a statement");
    }
    database->sent[database->sent_count++] = statement;
    return 0;
}

int database_send(struct database *database)
{
    if (PQpipelineSync(database->connection) != 1) {
        return fail_connection(database, "sending a batch");
    }
    int unwritten = PQflush(database->connection);
    if (unwritten < 0) {
        return fail_connection(database, "writing to the database");
    }
    database->has_unwritten = unwritten == 1;
    database->is_busy = true;
    return 0;
}

int database_receive(struct database *database, database_rows *handle, void *context)
{
    if (database->has_unwritten) {
        int unwritten = PQflush(database->connection);
        if (unwritten < 0) {
            return fail_connection(database, "writing to the database");
        }
        database->has_unwritten = unwritten == 1;
    }
    if (PQconsumeInput(database->connection) != 1) {
        return fail_connection(database, "reading from the database");
    }
    while (!PQisBusy(database->connection)) {
        PGresult *result = PQgetResult(database->connection);
        ExecStatusType status = PQresultStatus(result);
        int outcome = 0;
        if (!result) {
            // The end of one statement's answer; the next one's, or the batch's, follows.
            database->answered_count++;
        } else if (status == PGRES_PIPELINE_SYNC) {
            database->sent_count = database->answered_count = 0;
            database->is_busy = false;
            outcome = 1;
        } else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            outcome = handle(context, database->sent[database->answered_count], result);
        } else {
            outcome = fail(database->failure, "a statement failed: %s", PQresultErrorMessage(result));
        }
        PQclear(result);
        if (outcome != 0) {
            return outcome;
        }
    }
    return 0;
}

void database_close(struct database *database) { PQfinish(database->connection); }
