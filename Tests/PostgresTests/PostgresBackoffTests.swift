import Testing

@testable import Postgres

@Suite struct PostgresBackoffTests {
    @Test func `the ceiling doubles up to the most`() {
        var backoff = PostgresBackoff(first: .milliseconds(200), most: .seconds(5))
        var generator = SplitMix64(seed: 1)
        var ceilings: [Duration] = []
        for _ in 0..<7 {
            ceilings.append(backoff.ceiling)
            let wait = backoff.next(using: &generator)
            #expect(wait >= .zero && wait <= ceilings[ceilings.count - 1])
        }
        #expect(
            ceilings == [
                .milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1600), .milliseconds(3200),
                .seconds(5), .seconds(5),
            ])
        backoff.reset()
        #expect(backoff.ceiling == .milliseconds(200))
    }

    @Test func `a thousand failures neither overflow nor wait longer`() {
        var backoff = PostgresBackoff()
        var generator = SplitMix64(seed: 2)
        for _ in 0..<1_000 { #expect(backoff.next(using: &generator) <= .seconds(5)) }
    }

    @Test func `the jitter is full`() {
        var generator = SplitMix64(seed: 3)
        let waits = (0..<500).map { _ in
            var backoff = PostgresBackoff(first: .seconds(1), most: .seconds(1))
            return backoff.next(using: &generator)
        }
        #expect(waits.contains { $0 < .milliseconds(100) })
        #expect(waits.contains { $0 > .milliseconds(900) })
    }
}
