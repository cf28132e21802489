import Assistant
import TellerMessages

/// What a customer reads when there is no answer. It says what to do next and never why in technical terms.
enum FailureWording {
    static func text(_ status: ChatAnswer.Status, in language: Language) -> String {
        switch (status, language) {
        case (.refused, .english): "I can't help with this request. Please sign in again, or talk to one of our people."
        case (.refused, .chinese): "我无法处理这个请求。请重新登录后再试，或联系人工客服。"
        case (.expired, .english): "I could not answer in time. Please ask again."
        case (.expired, .chinese): "我没能及时回答您的问题，请再问一次。"
        case (_, .english): "Something went wrong on our side and I could not answer. Please try again later, or talk to one of our people."
        case (_, .chinese): "我们这边出了点问题，暂时无法回答。请稍后再试，或联系人工客服。"
        }
    }
}

extension ChatAnswer {
    /// The answer that says why there is no other.
    ///
    /// - Parameters:
    ///   - request: The request, where it could be read.
    ///   - id: The id that the answer names it by.
    init(_ failure: Failure, to request: ChatRequest?, id: String) {
        let status: Status =
            switch failure.failureClass {
            case .refused: .refused
            case .expired: .expired
            case .poison, .infrastructure, .transient, .bug: .failed
            }
        let language = request?.language ?? .english
        self.init(
            requestID: id, conversationID: request?.body.conversationID ?? "", status: status, language: language.rawValue,
            text: FailureWording.text(status, in: language))
        self.problem = failure.problem
        self.problem?.fingerprint = failure.fingerprint
    }
}
