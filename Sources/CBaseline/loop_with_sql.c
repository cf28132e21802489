#define _GNU_SOURCE
#include "broker.h"
#include "database.h"
#include "prefix.h"
#include "ticket.h"
#include <openssl/sha.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTION_LIMIT = 16, TICKET_LIFETIME = 600, UUID_SIZE = 37 };

// What is done with a request next: the batches, in their order, with the wait for the confirm before the last.
enum step { STEP_CLAIM, STEP_READ, STEP_RECORD, STEP_NOTE };

struct request {
    enum step step;
    uint64_t tag;
    bool is_redelivery;
    char id[IDENTIFIER_SIZE], customer[IDENTIFIER_SIZE], conversation[IDENTIFIER_SIZE];
    uint8_t ticket[TICKET_SIZE];
    char expires[32], fence[16], answer_id[UUID_SIZE];
    struct request *next;
    int body_size;
    char body[];
};

struct loop {
    const struct baseline_settings *settings;
    struct broker broker;
    struct database databases[CONNECTION_LIMIT];
    struct request *running[CONNECTION_LIMIT];  // what each connection is busy with
    struct request *first, **last;              // what waits for a connection
    struct request *published[PREFIX_CAPACITY]; // by the number of the message
    struct prefix confirmed, answered;
    char worker[UUID_SIZE];
    char *body;
    struct failure failure;
};

// What waits for a connection, first come, first served.

static void enqueue(struct loop *loop, struct request *request)
{
    request->next = NULL;
    *loop->last = request;
    loop->last = &request->next;
}

static struct request *dequeue(struct loop *loop)
{
    struct request *request = loop->first;
    loop->first = request->next;
    if (!loop->first) {
        loop->last = &loop->first;
    }
    return request;
}

// A delivery becomes a request.

static int copy(struct loop *loop, char to[IDENTIFIER_SIZE], amqp_bytes_t from, const char *what)
{
    if (from.len == 0 || from.len >= IDENTIFIER_SIZE) {
        return fail(&loop->failure, "a delivery has no usable %s", what);
    }
    memcpy(to, from.bytes, from.len);
    to[from.len] = 0;
    return 0;
}

static void write_uuid(char uuid[UUID_SIZE], const uint8_t bytes[16])
{
    char *end = uuid;
    for (int i = 0; i < 16; i++) {
        end += sprintf(end, "%02x%s", bytes[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
    }
}

static int accept(struct loop *loop, const struct broker_event *event)
{
    struct request *request = calloc(1, sizeof *request + event->body_size);
    if (!request) {
        return fail(&loop->failure, "no memory for a request");
    }
    request->tag = event->tag;
    request->is_redelivery = event->is_redelivery;
    if (copy(loop, request->id, event->message_id, "message id") < 0
        || copy(loop, request->customer, event->app_id, "app id") < 0
        || copy(loop, request->conversation, event->correlation_id, "correlation id") < 0) {
        free(request);
        return -1;
    }
    request->body_size = (int)event->body_size;
    memcpy(request->body, loop->broker.body, event->body_size);
    uint8_t name[SHA256_DIGEST_LENGTH];
    SHA256((const uint8_t *)request->id, strlen(request->id), name);
    write_uuid(request->answer_id, name);

    time_t expires = time(NULL) + TICKET_LIFETIME;
    struct tm utc;
    strftime(request->expires, sizeof request->expires, "%Y-%m-%d %H:%M:%S+00", gmtime_r(&expires, &utc));
    ticket_sign(
        loop->settings->ticket_key, loop->settings->ticket_key_size, request->customer, request->id, expires,
        request->ticket);
    enqueue(loop, request);
    return 0;
}

// A request's batches.

static int add_login(struct database *database, const struct request *request)
{
    struct values values = {
        4, {request->customer, request->id, request->expires, (const char *)request->ticket}, {[3] = TICKET_SIZE}};
    return database_add(database, LOGIN, &values);
}

static int send_claim(struct loop *loop, struct database *database, const struct request *request)
{
    struct values values = {
        9,
        {request->id, request->conversation, request->body, "true",
            request->is_redelivery ? "true" : "false", "false", loop->worker, "60", "3"},
        {[2] = request->body_size}};
    return database_add(database, BEGIN_WRITING, NULL) < 0 || add_login(database, request) < 0
            || database_add(database, CLAIM, &values) < 0 || database_add(database, COMMIT, NULL) < 0
        ? -1
        : database_send(database);
}

static int send_read(struct database *database, const struct request *request)
{
    struct values values = {1, {"checking"}, {0}};
    return database_add(database, BEGIN_READING, NULL) < 0 || add_login(database, request) < 0
            || database_add(database, PROFILE, NULL) < 0 || database_add(database, ACCOUNTS, &values) < 0
            || database_add(database, COMMIT, NULL) < 0
        ? -1
        : database_send(database);
}

static int send_record(struct loop *loop, struct database *database, const struct request *request)
{
    static const char plan[] = "{\"tool\":\"account.balance\",\"arguments\":{\"account\":\"checking\"}}";
    char detail[512];
    snprintf(detail, sizeof detail,
        "{\"answer_id\":\"%s\",\"version\":1,\"status\":\"answered\",\"tool\":\"account.balance\",\"sources\":"
        "[\"ledger.accounts.as_of\",\"ledger.accounts/A-0001\"],\"model\":\"baseline@0000000000000000/f32\"}",
        request->answer_id);
    struct values values = {
        10,
        {request->id, request->fence, loop->worker, request->answer_id, "1", "answered", loop->body, "en", plan, detail},
        {[6] = (int)loop->settings->body_size}};
    return database_add(database, BEGIN_WRITING, NULL) < 0 || add_login(database, request) < 0
            || database_add(database, RECORD, &values) < 0 || database_add(database, COMMIT, NULL) < 0
        ? -1
        : database_send(database);
}

static int send_note(struct database *database, const struct request *request)
{
    char answers[UUID_SIZE + 2];
    snprintf(answers, sizeof answers, "{%s}", request->answer_id);
    struct values values = {1, {answers}, {0}};
    return database_add(database, PUBLISHED, &values) < 0 ? -1 : database_send(database);
}

static int send_batch(struct loop *loop, struct database *database, const struct request *request)
{
    switch (request->step) {
    case STEP_CLAIM:
        return send_claim(loop, database, request);
    case STEP_READ:
        return send_read(database, request);
    case STEP_RECORD:
        return send_record(loop, database, request);
    default:
        return send_note(database, request);
    }
}

static int dispatch(struct loop *loop)
{
    for (int i = 0; i < loop->settings->connections && loop->first; i++) {
        if (loop->running[i]) {
            continue;
        }
        loop->running[i] = dequeue(loop);
        if (send_batch(loop, &loop->databases[i], loop->running[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

// Answers of the database.

struct reading {
    struct loop *loop;
    struct request *request;
};

static int take_rows(void *context, enum statement statement, const PGresult *rows)
{
    struct reading *reading = context;
    if (statement == CLAIM) {
        const char *outcome = PQntuples(rows) == 1 ? PQgetvalue(rows, 0, 0) : "";
        if (strcmp(outcome, "started") != 0) {
            return fail(&reading->loop->failure, "a request could not be claimed: it is %s", outcome);
        }
        snprintf(reading->request->fence, sizeof reading->request->fence, "%s", PQgetvalue(rows, 0, 1));
    } else if ((statement == PROFILE || statement == ACCOUNTS) && PQntuples(rows) == 0) {
        return fail(&reading->loop->failure, "the customer %s has no rows", reading->request->customer);
    }
    return 0;
}

static int advance(struct loop *loop, struct request *request)
{
    if (request->step == STEP_NOTE) {
        free(request);
        return 0;
    }
    if (request->step < STEP_RECORD) {
        request->step++;
        enqueue(loop, request);
        return 0;
    }
    amqp_bytes_t body = {loop->settings->body_size, loop->body};
    if (broker_publish(&loop->broker, amqp_cstring_bytes(request->id), body) < 0) {
        return -1;
    }
    loop->published[loop->broker.published % PREFIX_CAPACITY] = request;
    return 0;
}

static int read_database(struct loop *loop, int index)
{
    struct request *request = loop->running[index];
    struct reading reading = {loop, request};
    int result = database_receive(&loop->databases[index], take_rows, &reading);
    if (result < 1) {
        return result;
    }
    loop->running[index] = NULL;
    return advance(loop, request);
}

// Deliveries and confirms.

static void settle(struct loop *loop, uint64_t number)
{
    if (prefix_holds(&loop->confirmed, number)) {
        return;
    }
    prefix_mark(&loop->confirmed, number);
    struct request *request = loop->published[number % PREFIX_CAPACITY];
    prefix_mark(&loop->answered, request->tag);
    request->step = STEP_NOTE;
    enqueue(loop, request);
}

static int read_broker(struct loop *loop)
{
    struct broker_event event;
    int result;
    while ((result = broker_next(&loop->broker, false, &event)) == 1) {
        if (event.kind == BROKER_DELIVERY) {
            if (accept(loop, &event) < 0) {
                return -1;
            }
            continue;
        }
        for (uint64_t number = event.is_multiple ? loop->confirmed.done + 1 : event.tag; number <= event.tag; number++) {
            settle(loop, number);
        }
    }
    return result < 0 ? -1 : broker_acknowledge(&loop->broker, loop->answered.done);
}

// The loop.

static int run(struct loop *loop)
{
    int count = loop->settings->connections;
    struct pollfd descriptors[CONNECTION_LIMIT + 1];
    descriptors[count] = (struct pollfd){.fd = broker_socket(&loop->broker), .events = POLLIN};
    for (int i = 0; i < count; i++) {
        short writing = loop->databases[i].has_unwritten ? POLLOUT : 0;
        descriptors[i] = (struct pollfd){.fd = PQsocket(loop->databases[i].connection), .events = POLLIN | writing};
    }
    if (poll(descriptors, (nfds_t)count + 1, -1) < 0) {
        return fail(&loop->failure, "poll failed");
    }
    for (int i = 0; i < count; i++) {
        if (descriptors[i].revents && read_database(loop, i) < 0) {
            return -1;
        }
    }
    // What the library has buffered is not announced, so the broker is always read to the end.
    return read_broker(loop) < 0 ? -1 : dispatch(loop);
}

static int connect_all(struct loop *loop)
{
    for (int i = 0; i < loop->settings->connections; i++) {
        if (database_open(&loop->databases[i], loop->settings->database, &loop->failure) < 0) {
            return -1;
        }
    }
    if (broker_open(&loop->broker, loop->settings, &loop->failure) < 0) {
        return -1;
    }
    return read_broker(loop) < 0 ? -1 : dispatch(loop);
}

void baseline_loop_with_sql(const struct baseline_settings *settings, char *text, size_t size)
{
    struct failure failure = {text, size};
    struct loop *loop = calloc(1, sizeof *loop);
    char *body = malloc(settings->body_size);
    if (!loop || !body) {
        fail(&failure, "no memory");
    } else if (settings->connections < 1 || settings->connections > CONNECTION_LIMIT) {
        fail(&failure, "a loop takes 1 to %d connections to the database", CONNECTION_LIMIT);
    } else {
        loop->settings = settings;
        loop->failure = failure;
        loop->last = &loop->first;
        loop->body = memset(body, ' ', settings->body_size);
        uint8_t worker[16];
        FILE *random = fopen("/dev/urandom", "r");
        if (!random || fread(worker, sizeof worker, 1, random) != 1) {
            fail(&failure, "/dev/urandom cannot be read");
        } else {
            write_uuid(loop->worker, worker);
            if (connect_all(loop) == 0) {
                while (run(loop) == 0) {
                }
            }
        }
        if (random) {
            fclose(random);
        }
        for (int i = 0; i < settings->connections; i++) {
            database_close(&loop->databases[i]);
        }
    }
    if (loop && loop->broker.connection) {
        amqp_destroy_connection(loop->broker.connection);
    }
    free(body);
    free(loop);
}
