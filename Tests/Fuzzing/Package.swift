// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the program is not built with it:
//
//     cd Tests/Fuzzing
//     swift run -c release --sanitize=address fuzz --seconds 600
//
// The sources of Transformer are links to those of the program.
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
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
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
        .executableTarget(name: "fuzz", dependencies: ["Transformer"], path: "fuzz", swiftSettings: settings),
    ]
)
