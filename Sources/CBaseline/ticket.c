#include "ticket.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static uint8_t *put_number(uint8_t *end, uint64_t number, int bytes)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        *end++ = (uint8_t)(number >> shift);
    }
    return end;
}

static uint8_t *put_text(uint8_t *end, const char *text)
{
    size_t length = strlen(text);
    end = put_number(end, length, 4);
    memcpy(end, text, length);
    return end + length;
}

void ticket_sign(
    const uint8_t *key, size_t key_size, const char *customer, const char *request, time_t expires,
    uint8_t ticket[TICKET_SIZE])
{
    static const char prologue[] = "teller-ticket-v1";
    uint8_t message[sizeof prologue + 2 * (4 + IDENTIFIER_SIZE) + 8];
    memcpy(message, prologue, sizeof prologue - 1);
    uint8_t *end = put_text(message + sizeof prologue - 1, customer);
    end = put_text(end, request);
    end = put_number(end, (uint64_t)expires * 1000000, 8);
    HMAC(EVP_sha256(), key, (int)key_size, message, (size_t)(end - message), ticket, NULL);
}
