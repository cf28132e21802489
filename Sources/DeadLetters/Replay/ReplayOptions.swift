public import TellerMessages

/// How a plan is carried out. It is frozen with the plan.
public struct ReplayOptions: Sendable, Hashable {
    /// What becomes of the deadlines that requests came with.
    public enum Deadline: Sendable, Hashable {
        /// They hold: a request whose deadline has passed is not sent.
        case keep
        /// The answer is wanted whenever it comes.
        case none
        /// Each request has this many seconds from when it is sent.
        case within(seconds: Double)
    }

    /// Messages a second, at most.
    public var rate = 10.0
    /// How many messages the first steps have. Each step waits until those before it are settled; what is left follows without steps.
    public var canary = [1, 5, 25, 100]
    /// How many messages may be sent and not settled, so that a replay never fills the live queue.
    public var inFlight = 100
    public var deadline = Deadline.keep
    /// Whether a request that was answered meanwhile is sent too, so that its recorded answer goes out once more.
    public var resendsAnswered = false
    public var brake = ReplayBrake()

    public init() {}

    public var json: JSONValue {
        let deadline: JSONValue =
            switch self.deadline {
            case .keep: "keep"
            case .none: "none"
            case .within(let seconds): .number("\(seconds)")
            }
        return [
            "rate": .number("\(self.rate)"), "canary": .array(self.canary.map { .integer($0) }), "in_flight": .integer(self.inFlight),
            "deadline": deadline, "answered": self.resendsAnswered ? "resend" : "skip", "brake": self.brake.json,
        ]
    }

    /// Reads the options of a plan that was kept.
    init(_ json: JSONValue) {
        self.init()
        guard let object = json.object else { return }
        if let rate = object["rate"]?.double { self.rate = rate }
        if let canary = object["canary"]?.array { self.canary = canary.compactMap(\.integer) }
        if let inFlight = object["in_flight"]?.integer { self.inFlight = inFlight }
        if let seconds = object["deadline"]?.double {
            self.deadline = .within(seconds: seconds)
        } else if object["deadline"] == "none" {
            self.deadline = .none
        }
        self.resendsAnswered = object["answered"] == "resend"
        if let brake = object["brake"] { self.brake = ReplayBrake(brake) }
    }
}

extension JSONValue {
    /// A number as PostgreSQL writes it; nil for any other value.
    var double: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }
}
