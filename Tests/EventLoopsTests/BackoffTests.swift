import EventLoops
import Testing

@Suite struct BackoffTests {
    @Test func `the limit doubles up to the cap, and begins anew after a success`() {
        var backoff = Backoff()
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
        var quarters = [0, 0, 0, 0]
        for _ in 0..<2000 {
            var backoff = Backoff(base: .seconds(1), cap: .seconds(1))
            let wait = backoff.next()
            #expect(wait >= .zero && wait <= .seconds(1))
            quarters[min(3, Int(wait / .milliseconds(250)))] += 1
        }
        #expect(quarters.allSatisfy { $0 > 400 })
    }

    @Test func `thousands of failures overflow nothing`() {
        var backoff = Backoff()
        for _ in 0..<5000 { #expect(backoff.next() <= .seconds(5)) }
    }
}
