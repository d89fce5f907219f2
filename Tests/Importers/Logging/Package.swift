// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Logging and on nothing else of the repository.
let package = Package(
    name: "LoggingImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "LoggingImporter", dependencies: [.product(name: "Logging", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
