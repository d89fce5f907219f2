// swift-tools-version: 6.1
import PackageDescription

// The whole graph on one screen. Dependencies point up the list, never down; the words used in the rows are defined
// below them. The eight products are what other teams import: none of them links libfcgi or libcurl.

let package = Package(
    name: "tollgate",
    products: products("WireFormats", "Providers", "Routing", "Budgets", "Keys", "Guardrails", "Secrets", "Logging"),
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .c("CLinux"),
        .c("CFastCGI", apt: "libfcgi-dev"),
        .c("CCurl", apt: "libcurl4-openssl-dev"),
        .c("CJansson", apt: "libjansson-dev"),
        .c("CMimalloc", apt: "libmimalloc-dev"),
        .c("CSQLite", apt: "libsqlite3-dev"),

        .module("Units"),
        .module("JSONText", knows: ["Units", "CJansson"]),
        .module("EventLoop", knows: ["CLinux"], livesOnLoop: true),
        .module("FastCGI", knows: ["EventLoop", "Units", "CFastCGI", "CLinux"], livesOnLoop: true),
        .module("Transfer", knows: ["EventLoop", "Units", "CCurl", "CLinux"], livesOnLoop: true),
        .module("Store", knows: ["Units", "CSQLite"]),
        .module("WireFormats", knows: ["JSONText", "Units"]),
        .module("Providers", knows: ["WireFormats", "JSONText", "Units"], uses: [.crypto, .cryptoExtras]),
        .module("Routing", knows: ["Providers", "WireFormats", "Units"]),
        .module("Budgets", knows: ["Units"]),
        .module("Secrets", knows: ["Units"]),
        .module("Keys", knows: ["Store", "Secrets", "JSONText", "Units"], uses: [.crypto]),
        .module("Guardrails", knows: ["WireFormats", "JSONText", "Units"]),
        .module("Logging", knows: ["Store", "Secrets", "JSONText", "Units", "CLinux"]),
        .module("KeyAnswers", knows: ["Budgets", "Keys", "Logging", "Secrets", "Store", "JSONText", "Units"]),
        .module(
            "Configuration",
            knows: ["Providers", "Routing", "Budgets", "Guardrails", "Secrets", "WireFormats", "Units"], uses: [.yams]),
        .module("ServerProcess", knows: ["Secrets", "JSONText", "Units"]),
        .module("MockProvider", knows: ["Units", "CLinux"]),

        .app(
            "tollgate-gateway", in: "Gateway",
            knows: [
                "ServerProcess", "FastCGI", "Transfer", "EventLoop", "Configuration", "Routing", "Providers", "Budgets",
                "Keys",
                "Guardrails", "Logging", "Secrets", "Store", "WireFormats", "JSONText", "Units", "CLinux", "CMimalloc",
            ], livesOnLoop: true),
        .app(
            "tollgate-admin", in: "Admin",
            knows: [
                "ServerProcess", "FastCGI", "EventLoop", "Configuration", "KeyAnswers", "Budgets", "Keys", "Logging",
                "Secrets", "Store", "WireFormats", "JSONText", "Units",
            ], livesOnLoop: true),
        .app(
            "tollgate", in: "CLI",
            knows: [
                "Configuration", "Providers", "KeyAnswers", "Budgets", "Keys", "Logging", "Secrets", "Store",
                "WireFormats", "JSONText", "Units",
            ],
            uses: [.argumentParser]),
        .app("tollgate-mock", in: "Mock", knows: ["MockProvider"]),
        .app("tollgate-fuzz", in: "Fuzz", knows: ["WireFormats", "JSONText", "Units", "TestSupport"]),
        .app("tollgate-bench", in: "Bench", knows: ["MockProvider", "WireFormats", "Units"]),

        // Random numbers, folders and processor time of tests.
        .target(name: "TestSupport", path: "Tests/Support"),
        .tests("Units"),
        .tests("JSONText"),
        .tests("EventLoop"),
        .tests("Transfer"),
        .tests("Store"),
        .tests(
            "WireFormats", knows: ["JSONText"], without: ["Golden/Requests", "Golden/Replies", "Tokens/Vectors"]),
        .tests(
            "Providers", knows: ["WireFormats", "JSONText"], uses: [.crypto, .cryptoExtras], without: ["Vectors"]),
        .tests("Routing", knows: ["Providers", "WireFormats"]),
        .tests("Budgets"),
        .tests("Secrets"),
        .tests("Keys", knows: ["Store", "Secrets"]),
        .tests("Guardrails", knows: ["WireFormats", "JSONText"]),
        .tests("Logging", knows: ["Store"]),
        .tests("Configuration", knows: ["Providers", "Routing", "Budgets", "Guardrails", "Secrets", "WireFormats"]),
        .testTarget(
            name: "MockTests", dependencies: ["MockProvider", "Units", "tollgate-bench"], path: "Tests/MockTests"),
    ],
    swiftLanguageModes: [.v6]
)

func products(_ names: String...) -> [Product] { names.map { .library(name: $0, targets: [$0]) } }

extension Target.Dependency {
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let yams = product(name: "Yams", package: "Yams")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
}

/// For what lives on a loop: an async function stays where its caller is, without a hop per call. (Who changes it builds from
/// scratch: callers are not compiled again, and call as before.)
/// A function and not a constant: the package above is made before the constants below it are.
func stays(onLoop: Bool) -> [SwiftSetting] {
    onLoop ? [.enableUpcomingFeature("NonisolatedNonsendingByDefault")] : []
}

extension Target {
    /// A module map and a shim for a C library.
    static func c(_ name: String, apt package: String? = nil) -> Target {
        .systemLibrary(name: name, path: "Modules/C/\(name)", providers: package.map { [.apt([$0])] })
    }

    static func module(
        _ name: String, knows: [Dependency] = [], uses: [Dependency] = [], livesOnLoop: Bool = false
    ) -> Target {
        .target(
            name: name, dependencies: knows + uses, path: "Modules/\(name)", swiftSettings: stays(onLoop: livesOnLoop))
    }

    static func app(
        _ program: String, in folder: String, knows: [Dependency], uses: [Dependency] = [], livesOnLoop: Bool = false
    ) -> Target {
        .executableTarget(
            name: program, dependencies: knows + uses, path: "Apps/\(folder)",
            swiftSettings: stays(onLoop: livesOnLoop))
    }

    /// - Parameter files: what lies in the folder and is no source: vectors that tests read where they are.
    static func tests(
        _ module: String, knows: [Dependency] = [], uses: [Dependency] = [], without files: [String] = []
    ) -> Target {
        .testTarget(
            name: "\(module)Tests",
            dependencies: [.byName(name: module), "TestSupport"] + (module == "Units" ? [] : ["Units"]) + knows + uses,
            path: "Tests/\(module)Tests", exclude: files)
    }
}
