// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the program is not built with it:
//
//     cd Tests/Fuzzing
//     swift run -c release --sanitize=address fuzz --seconds 600            checkpoints
//     swift run -c release --sanitize=address fuzz-messages --seconds 600   requests, and the properties they come with
//
// The sources of Transformer, TellerMessages and AMQP are links to those of the program.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "fuzzing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "EventLoops", dependencies: ["CLinux"], swiftSettings: settings),
        .target(
            name: "Transformer",
            dependencies: [
                "CKernels", "EventLoops", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq"),
        .target(
            name: "AMQP",
            dependencies: [
                "CRabbitMQ", "EventLoops", .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            // What reads the wire is internal.
            swiftSettings: settings + [.unsafeFlags(["-enable-testing"])]),
        .target(
            name: "TellerMessages", dependencies: ["AMQP", .product(name: "Crypto", package: "swift-crypto")], swiftSettings: settings),
        .target(name: "Mutation", path: "Mutation", swiftSettings: settings),
        .executableTarget(name: "fuzz", dependencies: ["Mutation", "Transformer"], path: "fuzz", swiftSettings: settings),
        .executableTarget(
            name: "fuzz-messages", dependencies: ["AMQP", "CRabbitMQ", "Mutation", "TellerMessages"], path: "fuzz-messages",
            swiftSettings: settings),
    ]
)
