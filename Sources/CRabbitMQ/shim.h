// librabbitmq, and what Swift cannot call of it: variadic functions and macros.
#pragma once
#include <sys/time.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

/// amqp_login_with_properties is variadic; this is its PLAIN form.
static inline amqp_rpc_reply_t rabbitmq_login(
    amqp_connection_state_t state, const char *vhost, int channel_max, int frame_max, int heartbeat,
    const amqp_table_t *properties, const char *user, const char *password)
{
    return amqp_login_with_properties(
        state, vhost, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

/// Has OpenSSL hold the certificate against an IP address; librabbitmq compares names only.
/// Returns 1, or 0 when the host is not written as an address.
static inline int rabbitmq_verify_address(amqp_socket_t *socket, const char *host)
{
    SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context), host);
}
