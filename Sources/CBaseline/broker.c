#include "broker.h"
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <string.h>
#include <sys/time.h>

enum { CHANNEL = 1, FRAME_MAX = 131072 };

static int fail_status(struct broker *broker, const char *action, int status)
{
    return fail(broker->failure, "%s: %s", action, amqp_error_string2(status));
}

// The reply to a call that waits for one.
static int check_reply(struct broker *broker, const char *action, amqp_rpc_reply_t reply)
{
    switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
        return 0;
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
        return fail_status(broker, action, reply.library_error);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
        if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
            const amqp_channel_close_t *close = reply.reply.decoded;
            return fail(broker->failure, "%s: %.*s", action, (int)close->reply_text.len, (char *)close->reply_text.bytes);
        }
        if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
            const amqp_connection_close_t *close = reply.reply.decoded;
            return fail(broker->failure, "%s: %.*s", action, (int)close->reply_text.len, (char *)close->reply_text.bytes);
        }
        break;
    default:
        break;
    }
    return fail(broker->failure, "%s: the broker gave no usable reply", action);
}

static int check_last(struct broker *broker, const char *action)
{
    return check_reply(broker, action, amqp_get_rpc_reply(broker->connection));
}

int broker_open(struct broker *broker, const struct baseline_settings *settings, struct failure *failure)
{
    broker->failure = failure;
    broker->output = amqp_cstring_bytes(settings->output);
    broker->connection = amqp_new_connection();
    amqp_socket_t *socket = broker->connection ? amqp_tcp_socket_new(broker->connection) : NULL;
    if (!socket) {
        return fail(failure, "no memory for a connection to the broker");
    }
    int status = amqp_socket_open(socket, settings->host, settings->port);
    if (status != AMQP_STATUS_OK) {
        return fail_status(broker, "connecting to the broker", status);
    }
    // No heartbeats: the process is stopped while its input is filled.
    amqp_rpc_reply_t login = amqp_login(
        broker->connection, settings->virtual_host, 0, FRAME_MAX, 0, AMQP_SASL_METHOD_PLAIN, settings->user, settings->password);
    if (check_reply(broker, "logging in to the broker", login) < 0) {
        return -1;
    }
    amqp_channel_open(broker->connection, CHANNEL);
    if (check_last(broker, "opening a channel") < 0) {
        return -1;
    }
    amqp_confirm_select(broker->connection, CHANNEL);
    if (check_last(broker, "selecting confirms") < 0) {
        return -1;
    }
    amqp_basic_qos(broker->connection, CHANNEL, 0, settings->window, 0);
    if (check_last(broker, "setting the prefetch count") < 0) {
        return -1;
    }
    amqp_basic_consume(
        broker->connection, CHANNEL, amqp_cstring_bytes(settings->input), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    return check_last(broker, "consuming");
}

static int next_frame(struct broker *broker, bool may_wait, amqp_frame_t *frame)
{
    struct timeval now = {0, 0};
    int status = amqp_simple_wait_frame_noblock(broker->connection, frame, may_wait ? NULL : &now);
    if (status == AMQP_STATUS_TIMEOUT) {
        return 0;
    }
    return status == AMQP_STATUS_OK ? 1 : fail_status(broker, "reading from the broker", status);
}

// The header and the body of the delivery whose method has been read.
static int read_content(struct broker *broker, struct broker_event *event)
{
    amqp_frame_t frame;
    if (next_frame(broker, true, &frame) < 0) {
        return -1;
    }
    if (frame.frame_type != AMQP_FRAME_HEADER) {
        return fail(broker->failure, "the broker sent a delivery without a header");
    }
    const amqp_basic_properties_t *properties = frame.payload.properties.decoded;
    event->message_id = properties->message_id;
    event->app_id = properties->app_id;
    event->correlation_id = properties->correlation_id;
    event->body_size = frame.payload.properties.body_size;
    if (event->body_size > BODY_LIMIT) {
        return fail(broker->failure, "a delivery has %zu bytes, and %d are allowed", event->body_size, BODY_LIMIT);
    }
    for (size_t read = 0; read < event->body_size;) {
        if (next_frame(broker, true, &frame) < 0) {
            return -1;
        }
        amqp_bytes_t fragment = frame.payload.body_fragment;
        if (frame.frame_type != AMQP_FRAME_BODY || fragment.len > event->body_size - read) {
            return fail(broker->failure, "the broker sent a delivery whose body does not fit its header");
        }
        memcpy(broker->body + read, fragment.bytes, fragment.len);
        read += fragment.len;
    }
    return 1;
}

int broker_next(struct broker *broker, bool may_wait, struct broker_event *event)
{
    amqp_frame_t frame;
    amqp_maybe_release_buffers(broker->connection);
    int result;
    do {
        result = next_frame(broker, may_wait, &frame);
        if (result < 1) {
            return result;
        }
    } while (frame.frame_type != AMQP_FRAME_METHOD);

    switch (frame.payload.method.id) {
    case AMQP_BASIC_DELIVER_METHOD: {
        const amqp_basic_deliver_t *delivery = frame.payload.method.decoded;
        *event = (struct broker_event){
            .kind = BROKER_DELIVERY, .tag = delivery->delivery_tag, .is_redelivery = delivery->redelivered};
        return read_content(broker, event);
    }
    case AMQP_BASIC_ACK_METHOD: {
        const amqp_basic_ack_t *confirm = frame.payload.method.decoded;
        *event = (struct broker_event){
            .kind = BROKER_CONFIRM, .tag = confirm->delivery_tag, .is_multiple = confirm->multiple};
        return 1;
    }
    case AMQP_BASIC_NACK_METHOD:
        return fail(broker->failure, "the broker refused a message");
    case AMQP_BASIC_RETURN_METHOD:
        return fail(broker->failure, "the broker returned a message: its queue is gone");
    case AMQP_BASIC_CANCEL_METHOD:
        return fail(broker->failure, "the broker ended the consumer: its queue is gone");
    default:
        return fail(broker->failure, "the broker sent %s", amqp_method_name(frame.payload.method.id));
    }
}

int broker_publish(struct broker *broker, amqp_bytes_t message_id, amqp_bytes_t body)
{
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG,
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .content_type = amqp_cstring_bytes("application/json"),
        .message_id = message_id,
    };
    int status = amqp_basic_publish(
        broker->connection, CHANNEL, amqp_empty_bytes, broker->output, 1, 0, &properties, body);
    if (status != AMQP_STATUS_OK) {
        return fail_status(broker, "publishing", status);
    }
    broker->published++;
    return 0;
}

int broker_acknowledge(struct broker *broker, uint64_t tag)
{
    if (tag == broker->acknowledged) {
        return 0;
    }
    int status = amqp_basic_ack(broker->connection, CHANNEL, tag, tag > broker->acknowledged + 1);
    if (status != AMQP_STATUS_OK) {
        return fail_status(broker, "acknowledging", status);
    }
    broker->acknowledged = tag;
    return 0;
}
