// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Routing and on nothing else of the repository.
let package = Package(
    name: "RoutingImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "RoutingImporter", dependencies: [.product(name: "Routing", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
