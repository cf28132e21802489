import AMQP
import Foundation

/// Headers of every type and size, and those by which a client might steer the broker or the worker.
enum HostileHeaders {
    @HostileCaseList static func cases(_ observer: HostileObserver) -> [HostileCase] {
        Self.structures
        Self.routes(observer.victimQueue)
        Self.deaths
        Self.ours
        Self.known
        Self.events
    }

    private static func header(_ name: String, _ value: AMQPValue, _ outcome: HostileCase.Outcome = .answered) -> HostileCase {
        // The broker cannot read a number that is none.
        let outcome = [.float(.infinity), .double(-.infinity)].contains(value) ? .stopped : outcome
        return HostileCase("\(name) is \(String(describing: value).prefix(60))", outcome) { $0.headers[name] = value }
    }

    /// A value of each type.
    private static let values: [AMQPValue] = [
        .void, .bool(true), .int8(-1), .uint8(255), .int16(-1), .uint16(.max), .int32(.min), .uint32(.max), .int64(.min), .int64(.max), .float(.infinity), .double(-.infinity),
        .decimal(decimals: 255, value: .max), .string(""), .string("x"), .string("\0"), .longString([0xFF, 0xC3]), .bytes([0, 0xFF]), .timestamp(.max), .array([]), .table([:]),
        .array([.array([.table(["a": .void])]), .int64(1), "x"]),
    ]

    @HostileCaseList private static var structures: [HostileCase] {
        [5000, 12_000, 18_000].map { levels in
            HostileCase("\(levels) tables in each other", .failed) { draft in draft.spoilBytes { $0[.headers] = AMQPRawClient.nested(levels) } }
        }
        [1000, 10_000, 20_000].map { levels in
            HostileCase("\(levels) arrays in each other", .failed) { draft in draft.spoilBytes { $0[.headers] = Self.arrays(levels) } }
        }
        [63, 64, 65].map { levels in
            HostileCase("\(levels) tables in each other beside a token", levels < 64 ? .answered : .failed) { draft in
                draft.spoilBytes { $0[.headers] = ($0[.headers] ?? []) + AMQPRawClient.nested(levels) }
            }
        }
        [
            HostileCase("a header of 100 KB", .answered) { $0.headers["x"] = .string(String(repeating: "x", count: 100_000)) },
            HostileCase("a header of 100 KB that is not UTF-8", .answered) { $0.headers["x"] = .longString(Array(repeating: 0xFF, count: 100_000)) },
            HostileCase("1,000 headers", .answered) { draft in draft.headers = AMQPTable((0..<1000).map { .init("header-\($0)", .int64(Int64($0))) }) },
            HostileCase("1,000 headers of one name", .answered) { draft in draft.headers = AMQPTable((0..<1000).map { .init("x", .int64(Int64($0))) }) },
            HostileCase("10,000 headers of a dead letter", .failed) { draft in
                draft.body = Array(draft.key.utf8)
                draft.headers = AMQPTable((0..<10_000).map { .init("\($0)", .bool(true)) })
            },
            HostileCase("a header whose name is not UTF-8", .failed) { draft in
                draft.spoilBytes { $0[.headers] = ($0[.headers] ?? []) + AMQPRawProperties.header([0xFF], UInt8(ascii: "t"), [1]) }
            },
            HostileCase("a header without a name", .answered) { $0.headers[""] = 1 },
            HostileCase("a header whose name has 255 bytes", .answered) { $0.headers[String(repeating: "n", count: 255)] = 1 },
            HostileCase("two tokens, the second another customer's", .failed) { draft in
                var token = HostileToken()
                token.claims = token.claims.replacing("C-1001", with: "C-1002")
                let second = try token.text()
                draft.spoilBytes { $0[.headers] = ($0[.headers] ?? []) + AMQPRawProperties.header("authorization", "Bearer \(second)") }
            },
            HostileCase("two deadlines", .failed) { draft in
                draft.headers = AMQPTable([.init("deadline", "2099-01-01T00:00:00Z"), .init("deadline", "2000-01-01T00:00:00Z")])
            },
            HostileCase("a table whose length lies", .stopped) { draft in
                draft.spoilBytes { $0[.headers] = AMQPRawProperties.header(Array("a".utf8), UInt8(ascii: "F"), AMQPRawClient.integer(UInt32(1000))) }
            },
            HostileCase("a value of a type that there is not", .stopped) { draft in
                draft.spoilBytes { $0[.headers] = AMQPRawProperties.header(Array("a".utf8), UInt8(ascii: "Z"), [0, 0, 0, 0]) }
            },
        ]
        Self.values.map { Self.header("some-header", $0) }
    }

    private static func arrays(_ levels: Int) -> [UInt8] {
        var bytes: [UInt8] = [1, UInt8(ascii: "a")]
        for level in 0..<levels { bytes += [UInt8(ascii: "A")] + AMQPRawClient.integer(UInt32((levels - level - 1) * 5)) }
        return bytes
    }

    /// Where the broker sends copies of what the publisher names.
    @HostileCaseList private static func routes(_ victim: String) -> [HostileCase] {
        ["CC", "BCC"].flatMap { name in
            [
                Self.header(name, .array([.string(victim)])), Self.header(name, .array([.string(victim), .string("teller.dead"), .string("teller.answers")])),
                Self.header(name, .array([])), Self.header(name, .array(["", "\0", "#", "*"])), Self.header(name, .array([1, .void, .bool(true), .table([:])])),
                Self.header(name, .array([.longString([0xFF])])), Self.header(name, .string(victim), .stopped), Self.header(name, 1, .stopped),
                Self.header(name, .table(["0": .string(victim)]), .stopped), Self.header(name, .void, .stopped),
                HostileCase("\(name) on a dead letter", .failed) {
                    $0.body = Array($0.key.utf8)
                    $0.headers[name] = .array([.string(victim), "teller.requests.banking"])
                },
            ]
        }
        ["cc", "Cc", "bcc"].map { Self.header($0, .array([.string(victim)])) }
    }

    /// What the broker writes when it dead-letters or redelivers, written by a client.
    @HostileCaseList private static var deaths: [HostileCase] {
        [
            .array([1, 2]), .array([]), .array([.table([:])]), .string("x"), .void, .int64(-1), .table(["count": 1]),
            .array([.table(["queue": "teller.dead", "reason": "expired", "count": 1, "exchange": "teller.requests", "routing-keys": .array(["banking.x"])])]),
            .array([.table(["queue": "teller.requests.banking", "reason": "rejected", "count": .int64(.max), "time": .timestamp(0), "exchange": "", "routing-keys": .array([])])]),
            .array([.table(["queue": "teller.retry.1s", "reason": "expired", "count": .string("many"), "routing-keys": "banking"])]),
            .array([.table(["queue": 1, "reason": .void, "count": .table([:])])]),
        ].flatMap { death in
            [
                Self.header("x-death", death),
                HostileCase("a dead letter whose x-death is \(String(describing: death).prefix(60))", .failed) {
                    $0.body = Array($0.key.utf8)
                    $0.headers["x-death"] = death
                },
            ]
        }
        ([.int64(1_000_000), .int64(-1), "many", .array([])] as [AMQPValue]).map { Self.header("x-delivery-count", $0) }
        [
            ("x-first-death-queue", "teller.dead"), ("x-first-death-reason", "expired"), ("x-first-death-exchange", ""), ("x-last-death-queue", "teller.dead"), ("x-retry", .int64(-1)),
            ("x-attempt", .int64(.min)), ("x-acquired-count", .int64(-1)), ("x-opt-delivery-time", .int64(-1)), ("x-deaths", .array([1])), ("x-received-from", .array([.table([:])])),
            ("x-delay", .int64(-1)), ("x-match", "any"), ("x-message-ttl", 1), ("x-stream-offset", "first"), ("x-routing-key", "teller.dead"), ("x-exchange", "teller.dead"),
        ].map { Self.header($0, $1) }
    }

    /// Headers of Teller's own: a client that writes them gains nothing.
    @HostileCaseList private static var ours: [HostileCase] {
        ["teller-attempt", "teller-replay-of", "teller-replay-plan"].flatMap { name in
            (Self.values + [
                "00000000-0000-0000-0000-000000000000", "'; DROP TABLE teller.requests; --", .int64(3),
            ]).map { Self.header(name, $0) }
        }
        [
            ("teller-origin-exchange", "teller.control"), ("teller-origin-routing-key", "teller.dead"), ("teller-failure-class", "bug"), ("teller-failure-fingerprint", "x"),
            ("teller-failed-at", "never"), ("teller-customer", "C-1002"), ("teller-", "x"),
        ].map { Self.header($0, $1) }
        ([.int64(.max), .int64(-5), "3", .array([])] as [AMQPValue]).map { attempt in
            HostileCase("a dead letter whose teller-attempt is \(String(describing: attempt).prefix(30))", .failed) {
                $0.body = Array($0.key.utf8)
                $0.headers = ["teller-attempt": attempt, "teller-failure-class": "forged", "teller-origin-routing-key": "forged"]
            }
        }
        Self.replay("of a good request", .answered) { _ in }
        Self.replay("of a body that breaks the contract", .failed) { $0.body = Array($0.key.utf8) }
        Self.replay("whose token was issued for another body", .refused) { draft in
            var token = HostileToken()
            token.add("\"req\":\"\(String(repeating: "0", count: 64))\"")
            draft.token = try token.text()
        }
        Self.replay("whose token has expired", .refused) { draft in
            var token = HostileToken()
            token.claims = #"{"aud":"teller","sub":"C-1001","exp":1}"#
            draft.token = try token.text()
        }
        Self.replay("that came too late", .expired) { $0.headers["deadline"] = "2000-01-01T00:00:00Z" }
    }

    /// What says that it is sent by a replay, and by none that there is.
    private static func replay(
        _ name: String, _ outcome: HostileCase.Outcome, _ change: @escaping @Sendable (inout HostileDraft) throws -> Void
    ) -> HostileCase {
        HostileCase("a forged replay \(name)", outcome) { draft in
            draft.headers["teller-replay-of"] = .string(UUID().uuidString.lowercased())
            draft.headers["teller-replay-plan"] = .string(UUID().uuidString.lowercased())
            try change(&draft)
        }
    }

    /// Headers of the contract with other values.
    @HostileCaseList private static var known: [HostileCase] {
        [
            "", " ", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-25", "1795578607", "2026-11-25T03:50:07", "9999-12-31T23:59:60.9999999999999999999Z\0",
            "-001-01-01T00:00:00Z", "99999-01-01T00:00:00Z", String(repeating: "2", count: 100_000),
        ].map { text in HostileCase("deadline is \(text.prefix(30).debugDescription)", .failed) { $0.headers["deadline"] = .string(text) } }
        [
            Self.header("deadline", "0000-01-01T00:00:00Z", .expired), Self.header("deadline", "0001-01-01T00:00:00+23:59", .expired), Self.header("deadline", "1970-01-01t00:00:00z", .expired),
            Self.header("deadline", "9999-12-31T23:59:60Z"), Self.header("deadline", "9999-12-31T23:59:59-23:59"),
        ]
        Self.values.filter { $0.string == nil }.flatMap { value in
            ["deadline", "traceparent"].map { Self.header($0, value, .failed) }
        }
        ["00-00000000000000000000000000000000-0000000000000000-00", "junk", "", "\0", String(repeating: "0", count: 60_000)].map { Self.header("traceparent", .string($0)) }
        [
            HostileCase("tracestate of 40 KB", .answered) {
                $0.headers = ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": .string(String(repeating: "a=b,", count: 10_000))]
            },
            HostileCase("tracestate without a parent is a number", .answered) { $0.headers["tracestate"] = 1 },
        ]
    }

    @HostileCaseList private static var events: [HostileCase] {
        [
            HostileCase("a CloudEvent without a message_id", .answered) {
                $0.properties.messageID = nil
                $0.properties.type = nil
                $0.headers = ["cloudEvents_specversion": "1.0", "cloudEvents_id": .string($0.key), "cloudEvents_type": "teller.chat.request.v1", "cloudEvents_source": "/x"]
            },
            HostileCase("a CloudEvent whose id is not the message's", .answered) { $0.headers["cloudEvents_id"] = "other" },
            Self.header("cloudEvents_specversion", "0.3", .failed), Self.header("cloudEvents_specversion", 1, .failed), Self.header("cloudEvents_id", 7, .failed),
            Self.header("cloudEvents:specversion", "2.0", .failed), Self.header("cloudEvents_type", .table([:]), .failed),
            Self.header("cloudEvents_subject", "C-1002"), Self.header("cloudEvents_data", .array([1])), Self.header("cloudEvents_datacontenttype", "text/xml"),
        ]
        ["", "a b", "\0", String(repeating: "x", count: 100_000)].map { id in
            HostileCase("a CloudEvent's id is \(id.prefix(10).debugDescription)", .failed) {
                $0.properties.messageID = nil
                $0.headers = ["cloudEvents_id": .string(id)]
            }
        }
    }
}
