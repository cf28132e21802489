// One connection to the database, which runs one batch of prepared statements at a time, in one round trip.
#pragma once
#include "failure.h"
#include <libpq-fe.h>
#include <stdbool.h>

/// The statements that a worker runs for a request, and the transactions that they stand in.
enum statement {
    BEGIN_WRITING, BEGIN_READING, COMMIT, LOGIN, CLAIM, PROFILE, ACCOUNTS, RECORD, PUBLISHED, STATEMENT_COUNT,
};

enum { LONGEST_BATCH = 8 };

struct database {
    PGconn *connection;
    enum statement sent[LONGEST_BATCH];
    int sent_count, answered_count;
    bool is_busy, has_unwritten;
    struct failure *failure;
};

/// What is bound to a statement, in the binary form where `sizes` says how long it is, else as text.
struct values {
    int count;
    const char *texts[10];
    int sizes[10];
};

/// Takes the rows of one statement of a batch; -1 when they are not what they must be.
typedef int database_rows(void *context, enum statement statement, const PGresult *rows);

/// Connects, and prepares every statement.
int database_open(struct database *database, const char *address, struct failure *failure);

/// Adds a statement to the batch.
int database_add(struct database *database, enum statement statement, const struct values *values);

/// Sends the batch.
int database_send(struct database *database);

/// Reads what has come, and writes what would not fit before: 1 when the batch is answered, 0 when not yet, or -1.
int database_receive(struct database *database, database_rows *handle, void *context);

void database_close(struct database *database);
