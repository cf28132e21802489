// The path's work in bare C, without the path: what a worker is measured against.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A loop's broker, queues and, for the loop with SQL, database. Texts are UTF-8 and outlive the call.
struct baseline_settings {
    const char *host;
    uint16_t port;
    const char *virtual_host;
    const char *user;
    const char *password;
    const char *input;   // the queue to consume
    const char *output;  // the queue to publish to, by the default exchange
    uint16_t window;     // how many deliveries may be unacknowledged
    uint32_t body_size;  // bytes of each message published

    const char *database;       // a libpq connection string or URI
    uint16_t connections;       // to the database
    const uint8_t *ticket_key;  // signs the customers' tickets
    size_t ticket_key_size;
};

/// Consumes, publishes, and acknowledges what the broker has confirmed, for ever.
///
/// Returns when something fails, and writes what into `failure`.
void baseline_loop(const struct baseline_settings *settings, char *failure, size_t failure_size);

/// The same with the statements of a request that is answered, in the same transactions: claim, facts and record before the
/// message is published, and the note that it is published after the confirm.
///
/// A delivery's message id is the request, its app id the customer, and its correlation id the conversation.
void baseline_loop_with_sql(const struct baseline_settings *settings, char *failure, size_t failure_size);

/// Starts a program with standard input and output closed off, in a process group of its own, which is killed when the
/// calling thread ends. Returns its process id, or -1 with `errno`.
pid_t baseline_spawn(const char *path, char *const arguments[], char *const environment[]);
