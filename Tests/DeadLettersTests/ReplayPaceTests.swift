import Testing

@testable import DeadLetters

/// How fast a replay may go: its rate and its steps.
@Suite struct ReplayPaceTests {
    @Test(arguments: [0.5, 7, 50, 1000]) func `a bucket gives its rate, and never more than a quarter of a second ahead`(_ rate: Double) {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: rate, now: start)
        #expect(bucket.take(1000, now: start) == 0)
        // Asked at odd moments for 20 seconds, then once after a long pause.
        var taken = 0
        for step in 1...2000 { taken += bucket.take(1000, now: start + .milliseconds(step * 10)) }
        #expect(abs(Double(taken) - rate * 20) <= 1)
        #expect(bucket.take(100_000, now: start + .seconds(3600)) == Int(max(1, rate / 4)))
    }

    @Test func `what was taken for nothing can be taken again`() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 40, now: start)
        #expect(bucket.take(10, now: start + .seconds(1)) == 10)
        bucket.giveBack(4)
        #expect(bucket.take(10, now: start + .seconds(1)) == 4)
        #expect(bucket.pause(now: start + .seconds(1)) == .seconds(1 / 40.0))
    }

    @Test func `a step begins when the one before it is settled`() {
        let ramp = CanaryRamp(steps: [1, 5, 25])
        #expect(ramp.allowance(sent: 0, unsettled: 0) == 1)
        #expect(ramp.allowance(sent: 1, unsettled: 1) == 0)
        #expect(ramp.allowance(sent: 1, unsettled: 0) == 5)
        #expect(ramp.allowance(sent: 4, unsettled: 3) == 2)
        #expect(ramp.allowance(sent: 6, unsettled: 1) == 0)
        #expect(ramp.allowance(sent: 6, unsettled: 0) == 25)
        #expect(ramp.allowance(sent: 31, unsettled: 2) == 0)
        #expect(ramp.allowance(sent: 31, unsettled: 0) == nil)
        #expect(CanaryRamp(steps: []).allowance(sent: 0, unsettled: 0) == nil)
    }
}
