import AMQP
import Testing

@Suite struct AMQPConfigurationTests {
    @Test func `a full URL is read in all its parts`() throws {
        let configuration = try AMQPConfiguration(
            url: "amqps://us%40er:p%2Fa%3Ass@one.example:1234,two.example,[::1]:99/bank%2Fdev?heartbeat=30"
                + "&connection_timeout=1500&name=worker%201&cacertfile=/ca.pem&certfile=/c.pem&keyfile=/c.key&verify_hostname=false"
        )
        #expect(configuration.user == "us@er")
        #expect(configuration.password == "p/a:ss")
        #expect(configuration.endpoints.map(\.description) == ["one.example:1234", "two.example:5671", "[::1]:99"])
        #expect(configuration.virtualHost == "bank/dev")
        #expect(configuration.heartbeat == .seconds(30))
        #expect(configuration.connectTimeout == .milliseconds(1500))
        #expect(configuration.connectionName == "worker 1")
        #expect(
            configuration.tls
                == .init(
                    caFile: "/ca.pem", certificateFile: "/c.pem", keyFile: "/c.key", verifyHostname: false))
    }

    @Test(arguments: ["amqp://host", "amqp://host/", "AMQP://host:5672/%2F", "amqp://guest:guest@host"])
    func `what is left out has the usual defaults`(url: String) throws {
        let configuration = try AMQPConfiguration(url: url)
        #expect(configuration.endpoints == [.init(host: "host", port: 5672)])
        #expect(configuration.virtualHost == "/")
        #expect(configuration.user == "guest")
        #expect(configuration.password == "guest")
        #expect(configuration.tls == nil)
        #expect(configuration.heartbeat == .seconds(10))
    }

    @Test(arguments: [
        ("amqp://one:1,two,three:3/v", ["one:1", "two:5672", "three:3"]),
        ("amqps://one,two:2,three", ["one:5671", "two:2", "three:5671"]),
        ("amqp://u:p@[::1],[2001:db8::2]:99,127.0.0.1", ["[::1]:5672", "[2001:db8::2]:99", "127.0.0.1:5672"]),
        ("amqp://u:p@a%2Db:1,[fe80::1%25eth0]:2", ["a-b:1", "[fe80::1%eth0]:2"]),
        ("amqp://u:p%40,q@a:1,b:2", ["a:1", "b:2"]),
        ("amqp://u:p,@q@a:1", ["a:1"]),
    ])
    func `each of several hosts has its own port`(url: String, endpoints: [String]) throws {
        #expect(try AMQPConfiguration(url: url).endpoints.map(\.description) == endpoints)
    }

    @Test func `a password may hold an at sign and a colon`() throws {
        let configuration = try AMQPConfiguration(url: "amqp://u:a:b@c@host/v")
        #expect(configuration.password == "a:b@c")
        #expect(configuration.endpoints == [.init(host: "host", port: 5672)])
    }

    @Test(arguments: [
        ("host:5672", "no scheme"),
        ("http://host", "the scheme is http"),
        ("amqp://", "a host is empty"),
        ("amqp://a,,b", "a host is empty"),
        ("amqp://host:0", "takes 1 to 65535"),
        ("amqp://host:70000", "takes 1 to 65535"),
        ("amqp://host:", "takes 1 to 65535"),
        ("amqp://a:1,b:70000", "takes 1 to 65535"),
        ("amqp://a,", "a host is empty"),
        ("amqp://a, b", "holds a space"),
        ("amqp://a,::1", "in brackets"),
        ("amqp://a,b%2", "two hexadecimal digits"),
        ("amqp://[::1", "no closing ]"),
        ("amqp://host/a/b", "must be written %2F"),
        ("amqp://host/a%2", "two hexadecimal digits"),
        ("amqp://host/%FF", "not UTF-8"),
        ("amqp://host/%00", "not UTF-8"),
        ("amqp://host?heartbeat=soon", "heartbeat is soon"),
        ("amqp://host?heartbeat", "has no value"),
        ("amqp://host?connection_timeout=0", "above 0"),
        ("amqp://host?colour=red", "colour is not known"),
        ("amqp://host?cacertfile=/ca.pem", "amqps:// only"),
        ("amqps://host?verify_hostname=maybe", "takes true or false"),
        ("amqps://host?certfile=/c.pem", "go together"),
        ("amqp://host#x", "%23"),
    ])
    func `a wrong URL is refused with the part that is wrong`(url: String, reason: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["amqp://u:s3cret@host:x", "amqp://u:s3cret%@host", "amqp://u:s3cret@host?s=1", "u:s3cret@host", "amqp://u:s3cret", "amqp://u:s3cret:5672", "amqp://u:s3 cret"])
    func `an error never shows the password`(url: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPConfiguration(url: url) }
        #expect(error?.description.contains("s3cret") == false)
    }
}
