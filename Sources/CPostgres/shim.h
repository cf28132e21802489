// libpq, and its macro-only constants as values that Swift can see.
#pragma once
#include <libpq-fe.h>

/// The fields of an error report that this project reads. DETAIL, HINT and CONTEXT may carry rows and are left out.
enum postgres_field {
    postgres_field_sqlstate = PG_DIAG_SQLSTATE,
    postgres_field_primary = PG_DIAG_MESSAGE_PRIMARY,
    postgres_field_position = PG_DIAG_STATEMENT_POSITION,
    postgres_field_table = PG_DIAG_TABLE_NAME,
    postgres_field_column = PG_DIAG_COLUMN_NAME,
    postgres_field_constraint = PG_DIAG_CONSTRAINT_NAME,
};
