import TellerMessages

/// Asks back when a question leaves open what it is about.
struct Clarify: Tool {
    let name = "clarify"
    let arguments = [
        Argument("about", .choice(["account", "merchant", "period", "amount", "question"]), isRequired: true)
    ]

    /// Asks what the question means at all.
    static let call = ToolCall(tool: "clarify", arguments: ["about": "question"])

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        FactSheet(isWordable: false)
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        switch arguments["about"] {
        case "account":
            return phrasebook.text(
                "Which account do you mean: checking, savings, credit card, loan or brokerage?",
                "请问您指的是哪个账户：活期、储蓄、信用卡、贷款还是证券账户？")
        case "merchant":
            return phrasebook.text("Which merchant or payee do you mean?", "请问您指的是哪家商户或哪位收款人？")
        case "period":
            return phrasebook.text(
                "Which period do you mean, for example today, last month or this year?",
                "请问您指的是哪段时间，例如今天、上个月或今年？")
        case "amount":
            return phrasebook.text("Which amount do you mean?", "请问您指的是多少金额？")
        default:
            return phrasebook.text(
                "I am not sure what you would like to know. Could you say a little more, as in “What is my balance?”",
                "我还不清楚您想了解什么，可以说得具体一些吗？例如“我的余额是多少？”")
        }
    }
}
