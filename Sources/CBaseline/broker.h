// One connection to the broker, one channel: deliveries and confirms in, messages and acknowledgements out.
#pragma once
#include "CBaseline.h"
#include "failure.h"
#include <amqp.h>
#include <stdbool.h>

enum { BODY_LIMIT = 1 << 16 };

struct broker {
    amqp_connection_state_t connection;
    amqp_bytes_t output;
    uint64_t published;  // the number that the broker confirms the last message by
    uint64_t acknowledged;
    uint8_t body[BODY_LIMIT];  // of the last delivery
    struct failure *failure;
};

/// What the broker sent. The texts live until the next call.
struct broker_event {
    enum { BROKER_DELIVERY, BROKER_CONFIRM } kind;
    uint64_t tag;
    bool is_multiple;   // a confirm of everything up to the tag
    bool is_redelivery;
    size_t body_size;  // the body is the broker's
    amqp_bytes_t message_id, app_id, correlation_id;
};

/// Connects, and consumes the input with confirms selected.
int broker_open(struct broker *broker, const struct baseline_settings *settings, struct failure *failure);

/// Takes the next event: 1, or 0 when there is none and `may_wait` is false, or -1.
int broker_next(struct broker *broker, bool may_wait, struct broker_event *event);

/// Publishes a persistent message to the output, to be returned if it is not there.
int broker_publish(struct broker *broker, amqp_bytes_t message_id, amqp_bytes_t body);

/// Acknowledges every delivery up to a tag, unless that has been done.
int broker_acknowledge(struct broker *broker, uint64_t tag);

static inline int broker_socket(const struct broker *broker) { return amqp_get_sockfd(broker->connection); }
