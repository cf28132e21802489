@testable import AMQP
import Testing

@Suite struct AMQPBackoffTests {
    @Test func `the limit doubles up to the maximum and starts again after a success`() {
        var backoff = AMQPBackoff()
        var limits: [Duration] = []
        for _ in 0..<7 {
            limits.append(backoff.limit)
            _ = backoff.next()
        }
        #expect(limits == [200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
        backoff.reset()
        #expect(backoff.limit == .milliseconds(200))
    }

    @Test func `waits are spread over the whole range up to the limit`() {
        var generator = SeededGenerator(seed: 7)
        var quarters = [0, 0, 0, 0]
        for _ in 0..<2000 {
            var backoff = AMQPBackoff()
            for _ in 0..<3 { _ = backoff.next(using: &generator) }
            let limit = backoff.limit
            let wait = backoff.next(using: &generator)
            #expect(wait >= .zero && wait <= limit)
            quarters[min(3, Int(wait / limit * 4))] += 1
        }
        #expect(quarters.allSatisfy { $0 > 400 })
    }

    @Test func `thousands of failures overflow nothing`() {
        var backoff = AMQPBackoff()
        for _ in 0..<5000 { #expect(backoff.next() <= .seconds(5)) }
    }
}
