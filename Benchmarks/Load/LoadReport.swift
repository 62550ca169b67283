/// The report of an outcome, as text and as JSON.
struct LoadReport {
    let options: LoadOptions
    let outcome: Outcome

    var json: String {
        let curve = outcome.latency.percentiles(ticksPerHalfDistance: 5).map {
            "[\($0.percentile), \(micros($0.value))]"
        }
        return """
            {
              "rate": \(options.rate),
              "connections": \(options.connectionCount),
              "seconds": \(options.seconds),
              "elapsed_seconds": \(outcome.elapsedSeconds),
              "scheduled": \(outcome.scheduled),
              "sent": \(outcome.sent),
              "completed": \(outcome.completed),
              "failures": \(outcome.failures),
              "timeouts": \(outcome.timeouts),
              "non2xx": \(outcome.non2xx),
              "late_sends": \(outcome.lateSends),
              "longest_delay_us": \(micros(outcome.longestDelayNanoseconds)),
              "generator_cpu_seconds": \(outcome.generatorProcessorSeconds),
              "p50_us": \(percentile(50)),
              "p90_us": \(percentile(90)),
              "p99_us": \(percentile(99)),
              "p999_us": \(percentile(99.9)),
              "max_us": \(micros(outcome.latency.max)),
              "percentiles": [\(curve.joined(separator: ", "))]
            }
            """
    }

    var text: String {
        """
        \(options.rate) requests/s over \(options.connectionCount) connections for \(options.seconds) s
        scheduled \(outcome.scheduled), sent \(outcome.sent), completed \(outcome.completed)
        failures \(outcome.failures), timeouts \(outcome.timeouts), not 2xx \(outcome.non2xx)
        latency from the intended time, in µs:
          50 %    \(percentile(50))
          90 %    \(percentile(90))
          99 %    \(percentile(99))
          99.9 %  \(percentile(99.9))
          100 %   \(micros(outcome.latency.max))
        the generator: \(outcome.generatorProcessorSeconds) s of processor time in \(outcome.elapsedSeconds) s, \
        \(outcome.lateSends) late sends, the latest by \(micros(outcome.longestDelayNanoseconds)) µs
        """
    }

    private func percentile(_ percentile: Double) -> Double {
        micros(outcome.latency.valueAtPercentile(percentile))
    }

    private func micros(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1000 }
}
