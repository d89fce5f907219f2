// swift-tools-version: 6.1
import PackageDescription

// Another team's package: it depends on the product Budgets and on nothing else of the repository.
let package = Package(
    name: "BudgetsImporter",
    dependencies: [.package(name: "tollgate", path: "../../..")],
    targets: [
        .executableTarget(
            name: "BudgetsImporter", dependencies: [.product(name: "Budgets", package: "tollgate")], path: ".",
            sources: ["main.swift"])
    ],
    swiftLanguageModes: [.v6]
)
