#include "broker.h"
#include "prefix.h"
#include <stdlib.h>
#include <string.h>

struct loop {
    struct broker broker;
    // A message is published for each delivery, in their order, so that both have the same number.
    struct prefix confirmed;
    amqp_bytes_t answer;
};

static int handle(struct loop *loop, const struct broker_event *event)
{
    if (event->kind == BROKER_DELIVERY) {
        return broker_publish(&loop->broker, event->message_id, loop->answer);
    }
    for (uint64_t tag = event->is_multiple ? loop->confirmed.done + 1 : event->tag; tag <= event->tag; tag++) {
        prefix_mark(&loop->confirmed, tag);
    }
    return 0;
}

// Handles what has come, then acknowledges at once all that this has confirmed.
static int run(struct loop *loop)
{
    struct broker_event event;
    int result = broker_next(&loop->broker, true, &event);
    while (result == 1) {
        if (handle(loop, &event) < 0) {
            return -1;
        }
        result = broker_next(&loop->broker, false, &event);
    }
    return result < 0 ? -1 : broker_acknowledge(&loop->broker, loop->confirmed.done);
}

void baseline_loop(const struct baseline_settings *settings, char *text, size_t size)
{
    struct failure failure = {text, size};
    struct loop *loop = calloc(1, sizeof *loop);
    void *body = malloc(settings->body_size);
    if (!loop || !body) {
        fail(&failure, "no memory");
    } else {
        memset(body, ' ', settings->body_size);
        loop->answer = (amqp_bytes_t){settings->body_size, body};
        if (broker_open(&loop->broker, settings, &failure) == 0) {
            while (run(loop) == 0) {
            }
        }
    }
    if (loop && loop->broker.connection) {
        amqp_destroy_connection(loop->broker.connection);
    }
    free(body);
    free(loop);
}
