BenchCommand.main(arguments: Array(CommandLine.arguments.dropFirst()))
