// swift-tools-version: 6.2
import PackageDescription

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let tokens = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")

let package = Package(
    name: "teller",
    products: [
        .executable(name: "teller", targets: ["TellerCommand"]),
        .library(name: "Teller", targets: ["Teller"]),
        .library(name: "TellerClient", targets: ["TellerClient"]),
    ],
    traits: [
        .trait(name: "FaultPoints", description: "Places where tests can make a worker die. Never in a release.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // The C libraries.
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(
            name: "CRabbitMQ", path: "Sources/CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CPostgres", path: "Sources/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Optimised in every configuration: the same kernels in a debug build would make its tests minutes longer.
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        // The same work in plain C, for `teller bench` to compare with.
        .target(name: "CBaseline", dependencies: ["CRabbitMQ", "CPostgres"]),

        // From the bottom up.
        .target(name: "EventLoops", dependencies: ["CLinux", deque]),
        .target(name: "Telemetry", dependencies: ["CLinux", "EventLoops", logging, coreMetrics]),
        .target(name: "Postgres", dependencies: ["CPostgres", "EventLoops", logging, deque]),
        .target(name: "AMQP", dependencies: ["CRabbitMQ", "EventLoops", logging, deque]),
        .target(name: "Transformer", dependencies: ["CKernels", "EventLoops", crypto, metrics]),
        .target(name: "TellerMessages", dependencies: ["AMQP", crypto]),
        .target(name: "TellerClient", dependencies: ["AMQP", "EventLoops", "TellerMessages", crypto, logging, tokens]),
        .target(name: "Finance"),
        .target(name: "Ledger", dependencies: ["Finance", "Postgres", crypto]),
        .target(
            name: "Assistant", dependencies: ["Finance", "Ledger", "TellerMessages", "Transformer", "EventLoops"],
            resources: [.copy("EmbeddedModel")]),
        .target(
            name: "Schemas", path: "Schemas", exclude: ["examples", "asyncapi.yaml"],
            resources: [
                .embedInCode("sql/teller/m0001_roles_and_identity.sql"), .embedInCode("sql/ledger/m0001_ledger.sql"),
                .embedInCode("sql/teller/m0002_worker.sql"), .embedInCode("sql/teller/m0003_dead_letters.sql"),
                .embedInCode("sql/teller/m0004_replay.sql"), .embedInCode("sql/teller/m0005_what_if.sql"),
                .embedInCode("sql/teller/m0006_kept_plans.sql"),
                .embedInCode("demo/articles.json"),
                .embedInCode("messages/chat.request.v1.json"), .embedInCode("messages/chat.answer.v1.json"),
                .embedInCode("messages/chat.chunk.v1.json"),
            ]),
        .target(
            name: "Teller",
            dependencies: [
                "AMQP", "Assistant", "EventLoops", "Ledger", "Postgres", "Telemetry", "TellerMessages", "Transformer",
                configuration, crypto, lifecycle, logging, metrics, signals, tokens,
                .product(name: "Hummingbird", package: "hummingbird"),
            ]),
        .target(
            name: "DeadLetters", dependencies: ["AMQP", "Ledger", "Postgres", "Teller", "TellerMessages", crypto]),
        .executableTarget(
            name: "TellerCommand",
            dependencies: [
                "AMQP", "Assistant", "CBaseline", "DeadLetters", "EventLoops", "Ledger", "Postgres", "Schemas", "Telemetry", "Teller",
                "TellerClient", "TellerMessages", "Transformer",
                configuration, coreMetrics, lifecycle, logging, signals,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Tests: without a network, but for the last.
        .testTarget(name: "EventLoopsTests", dependencies: ["EventLoops"]),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "EventLoops", logging, coreMetrics]),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "EventLoops"]),
        .testTarget(name: "AMQPTests", dependencies: ["AMQP", "CRabbitMQ", "EventLoops", logging]),
        .testTarget(name: "TransformerTests", dependencies: ["Transformer", "CKernels", "EventLoops"], exclude: ["Fixtures"]),
        .testTarget(name: "TellerMessagesTests", dependencies: ["TellerMessages", "AMQP"]),
        .testTarget(name: "FinanceTests", dependencies: ["Finance"]),
        .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Finance", "Postgres"]),
        .testTarget(
            name: "AssistantTests", dependencies: ["Assistant", "Finance", "Ledger", "Schemas", "TellerMessages", "Transformer"],
            exclude: ["Fixtures"]),
        .testTarget(name: "SchemasTests", dependencies: ["Schemas", "TellerMessages"]),
        .testTarget(
            name: "TellerTests",
            dependencies: [
                "AMQP", "EventLoops", "Postgres", "Teller", "Telemetry", "TellerMessages", crypto, lifecycle, logging, tokens,
            ]),
        .testTarget(name: "DeadLettersTests", dependencies: ["AMQP", "DeadLetters", "TellerMessages"]),
        .testTarget(
            name: "EndToEnd",
            dependencies: [
                "AMQP", "Assistant", "DeadLetters", "EventLoops", "Finance", "Ledger", "Postgres", "Schemas", "Teller", "TellerClient", "TellerCommand",
                "TellerMessages", "Transformer", crypto, logging,
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where [.regular, .executable, .test].contains(target.type) && !target.name.hasPrefix("C") {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
