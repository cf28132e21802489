import CoreMetrics
import Telemetry
import Testing

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry(collectors: [])

    @Test func `every kind of metric renders in name and label order`() {
        let consumed = { (queue: String) in
            Counter(
                label: "messaging.client.consumed.messages",
                dimensions: [("messaging.system", "rabbitmq"), ("messaging.destination.name", queue)],
                factory: registry)
        }
        consumed("teller.requests.trading").increment(by: 2)
        consumed("teller.requests.banking").increment()
        FloatingPointCounter(label: "teller.work.predicted", factory: registry).increment(by: 1.5)
        let inFlight = Meter(label: "teller.deliveries.in_flight", factory: registry)
        inFlight.set(5)
        inFlight.decrement(by: 2.0)
        Recorder(label: "teller.outbox.pending", aggregate: false, factory: registry).record(7)

        #expect(
            registry.render() == """
                # HELP messaging_client_consumed_messages_total Number of messages delivered to the application.
                # TYPE messaging_client_consumed_messages_total counter
                messaging_client_consumed_messages_total{messaging_destination_name="teller.requests.banking",messaging_system="rabbitmq"} 1
                messaging_client_consumed_messages_total{messaging_destination_name="teller.requests.trading",messaging_system="rabbitmq"} 2
                # HELP teller_deliveries_in_flight teller.deliveries.in_flight
                # TYPE teller_deliveries_in_flight gauge
                teller_deliveries_in_flight 3
                # HELP teller_outbox_pending teller.outbox.pending
                # TYPE teller_outbox_pending gauge
                teller_outbox_pending 7
                # HELP teller_work_predicted_total teller.work.predicted
                # TYPE teller_work_predicted_total counter
                teller_work_predicted_total 1.5

                """)
    }

    @Test func `a timer is a cumulative histogram in seconds`() {
        let registry = PrometheusRegistry(
            collectors: [],
            conventions: [
                "messaging.process.duration": MetricConvention("Duration of processing a message.", bounds: [0.1, 1])
            ])
        let timer = Timer(label: "messaging.process.duration", dimensions: [("outcome", "answered")], factory: registry)
        timer.recordMilliseconds(100)
        timer.recordMilliseconds(101)
        timer.recordSeconds(30)

        #expect(
            registry.render() == """
                # HELP messaging_process_duration_seconds Duration of processing a message.
                # TYPE messaging_process_duration_seconds histogram
                messaging_process_duration_seconds_bucket{outcome="answered",le="0.1"} 1
                messaging_process_duration_seconds_bucket{outcome="answered",le="1"} 2
                messaging_process_duration_seconds_bucket{outcome="answered",le="+Inf"} 3
                messaging_process_duration_seconds_sum{outcome="answered"} 30.201
                messaging_process_duration_seconds_count{outcome="answered"} 3

                """)
    }

    @Test(arguments: [
        (0.0, "0.005"), (0.005, "0.005"), (0.0051, "0.01"), (10.0, "10"), (80.0, "80"), (80.001, "+Inf"),
    ])
    func `a bucket holds its upper bound`(seconds: Double, bound: String) {
        Timer(label: "t", factory: registry).recordSeconds(seconds)
        let lines = registry.render().split(separator: "\n")
        let first = lines.first { $0.hasPrefix("t_seconds_bucket") && $0.hasSuffix(" 1") }
        #expect(first == "t_seconds_bucket{le=\"\(bound)\"} 1")
        #expect(lines.contains { $0 == "t_seconds_count 1" })
    }

    @Test func `token usage counts in powers of four`() {
        Recorder(label: "gen_ai.client.token.usage", dimensions: [("gen_ai.token.type", "input")], factory: registry)
            .record(17)
        let text = registry.render()
        #expect(text.contains("gen_ai_client_token_usage_bucket{gen_ai_token_type=\"input\",le=\"16\"} 0\n"))
        #expect(text.contains("gen_ai_client_token_usage_bucket{gen_ai_token_type=\"input\",le=\"64\"} 1\n"))
        #expect(text.contains("gen_ai_client_token_usage_bucket{gen_ai_token_type=\"input\",le=\"67108864\"} 1\n"))
    }

    @Test func `label values are escaped and label names made valid`() {
        Counter(
            label: "c", dimensions: [("a.b", "x\\y\"z\nw"), ("le", "1"), ("2nd", ""), ("a b", "again")],
            factory: registry
        ).increment()
        #expect(registry.render().contains("c_total{_2nd=\"\",a_b=\"x\\\\y\\\"z\\nw;again\",exported_le=\"1\"} 1\n"))
    }

    @Test(arguments: [
        ("requests", "requests_total"), ("requests.total", "requests_total"), ("a..b/c", "a_b_c_total"),
        ("9lives", "_9lives_total"), ("", "__total"), ("查询", "__total"), ("a:b", "a:b_total"),
    ])
    func `a counter's name is made valid and ends in total`(label: String, name: String) {
        Counter(label: label, factory: registry).increment()
        #expect(registry.render().hasSuffix("\n\(name) 1\n"))
    }

    @Test func `the same labels in another order are the same series`() {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(registry.render().contains("c_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test func `a name keeps its first kind and a conflict is counted`() {
        let gauge = Meter(label: "x.total", factory: registry)
        gauge.set(4)
        let counter = Counter(label: "x", factory: registry)
        counter.increment()
        let text = registry.render()
        #expect(text.contains("# TYPE x_total gauge\nx_total 4\n"))
        #expect(text.contains("teller_metrics_conflicting_total{metric=\"x_total\"} 1\n"))
    }

    @Test func `label sets beyond the limit share one series`() {
        let registry = PrometheusRegistry(collectors: [], seriesLimit: 2)
        for customer in 1...5 {
            Counter(label: "c", dimensions: [("id", "\(customer)")], factory: registry).increment()
        }
        Counter(label: "c", dimensions: [("id", "1")], factory: registry).increment()
        let series = registry.render().split(separator: "\n").filter { $0.hasPrefix("c_total") }
        #expect(series == ["c_total{id=\"1\"} 2", "c_total{id=\"2\"} 1", "c_total{otel_metric_overflow=\"true\"} 3"])
        #expect(registry.render().contains("teller_metrics_overflowed_total{metric=\"c_total\"} 3\n"))
    }

    @Test func `what would spoil a counter or a sum is ignored`() {
        let counter = FloatingPointCounter(label: "c", factory: registry)
        for amount in [1, -1, Double.infinity, .nan] { counter.increment(by: amount) }
        let timer = Timer(label: "t", factory: registry)
        timer.recordNanoseconds(-5)
        let recorder = Recorder(label: "r", factory: registry)
        for value in [2, Double.nan, -Double.infinity] { recorder.record(value) }
        let text = registry.render()
        #expect(text.contains("\nc_total 1\n"))
        #expect(text.contains("\nt_seconds_sum 0\nt_seconds_count 1\n"))
        #expect(text.contains("\nr_sum 2\nr_count 1\n"))
    }

    @Test func `a gauge may be anything a double is`() {
        let gauge = Meter(label: "g", factory: registry)
        for (value, text) in [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (-0.25, "-0.25")] {
            gauge.set(value)
            #expect(registry.render().hasSuffix("\ng \(text)\n"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `concurrent increments all count`() async {
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask { [registry] in
                    let shared = Counter(label: "shared", factory: registry)
                    let own = FloatingPointCounter(label: "own", dimensions: [("task", "\(task)")], factory: registry)
                    let timer = Timer(label: "timed", factory: registry)
                    for _ in 0..<10_000 {
                        shared.increment()
                        own.increment(by: 0.5)
                        timer.recordMilliseconds(500)
                    }
                }
            }
            group.addTask { [registry] in
                for _ in 0..<100 { _ = registry.render() }
            }
        }
        let text = registry.render()
        #expect(text.contains("\nshared_total 80000\n"))
        #expect(text.contains("\ntimed_seconds_sum 40000\ntimed_seconds_count 80000\n"))
        for task in 0..<8 { #expect(text.contains("\nown_total{task=\"\(task)\"} 5000\n")) }
    }
}
