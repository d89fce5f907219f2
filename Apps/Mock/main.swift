import MockProvider

MockCommand.main(arguments: Array(CommandLine.arguments.dropFirst()))
