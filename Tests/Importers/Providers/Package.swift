// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Providers and on nothing else of the repository.
let package = Package(
    name: "ProvidersImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "ProvidersImporter", dependencies: [.product(name: "Providers", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
