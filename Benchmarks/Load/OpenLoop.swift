import Glibc

/// Sends requests at a fixed rate over keep-alive connections, on one thread, and reports how long they took: each from
/// when it was meant to be sent, so that a server that stalls is charged for the requests that had to wait meanwhile.
@main
struct OpenLoop {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") {
            print(LoadOptions.usage)
            exit(0)
        }
        do {
            let options = try LoadOptions(arguments)
            signal(SIGPIPE, SIG_IGN)
            var generator = try Generator(options)
            let report = LoadReport(options: options, outcome: try generator.run())
            print(options.isJSON ? report.json : report.text)
            exit(report.outcome.isFlawless ? 0 : 1)
        } catch {
            let message = "open-loop: \(error.reason)\n"
            write(STDERR_FILENO, message, message.utf8.count)
            exit(2)
        }
    }
}
