import TellerMessages

#if FaultPoints
import Foundation
import Glibc
#endif

/// Places on the path where a test can make the process die, to prove that nothing is lost there.
///
/// Compiled in only with the package trait `FaultPoints`, which no release is built with. The environment variable
/// `TELLER_FAULT_KILL` then holds a place and a text (`claimed:boom`): the process kills itself when a request whose question
/// contains the text reaches the place; without a text, the first time anything reaches it.
enum FaultPoint: String {
    case claimed
    case answered
    case recorded
    case published

    static func reach(_ point: FaultPoint, _ request: ChatRequest?) {
        #if FaultPoints
        guard let setting = ProcessInfo.processInfo.environment["TELLER_FAULT_KILL"] else { return }
        let parts = setting.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.first == point.rawValue else { return }
        if parts.count == 2, request?.body.question.contains(parts[1]) != true { return }
        kill(getpid(), SIGKILL)
        #endif
    }
}
