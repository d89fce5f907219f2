// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Secrets and on nothing else of the repository.
let package = Package(
    name: "SecretsImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "SecretsImporter", dependencies: [.product(name: "Secrets", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
