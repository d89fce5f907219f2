// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Keys and on nothing else of the repository.
let package = Package(
    name: "KeysImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "KeysImporter", dependencies: [.product(name: "Keys", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
