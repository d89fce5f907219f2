// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product WireFormats and on nothing else of the repository.
let package = Package(
    name: "WireFormatsImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "WireFormatsImporter", dependencies: [.product(name: "WireFormats", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
