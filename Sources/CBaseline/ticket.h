// A customer's ticket for one request, as teller.login verifies it.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { IDENTIFIER_SIZE = 129, TICKET_SIZE = 32 };

/// Signs a ticket with HMAC-SHA256. Schemas/sql/teller/m0001_roles_and_identity.sql has the message.
void ticket_sign(
    const uint8_t *key, size_t key_size, const char *customer, const char *request, time_t expires,
    uint8_t ticket[TICKET_SIZE]);
