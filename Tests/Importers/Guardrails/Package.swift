// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Guardrails and on nothing else of the repository.
let package = Package(
    name: "GuardrailsImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "GuardrailsImporter", dependencies: [.product(name: "Guardrails", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
