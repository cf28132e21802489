/// Says what cannot be done here, and that a person can help.
struct Handoff: Tool {
    let name = "handoff"
    let arguments = [
        Argument("reason", .choice(["human", "action", "advice", "dispute", "unsupported", "scope"]), isRequired: true)
    ]

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        FactSheet(isWordable: false)
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        switch arguments["reason"] {
        case "human":
            return phrasebook.text(
                "I am an automated assistant. A member of our staff can help you: please contact customer service.",
                "我是自动助手。我们的工作人员可以帮助您，请联系人工客服。")
        case "action":
            return phrasebook.text(
                "I can only look things up: I cannot move money, make payments, or change or block anything. Please do "
                    + "this in the app, or contact customer service and a person will help you.",
                "我只能查询信息，不能转账、付款，也不能更改或冻结任何内容。请在手机银行中操作，或联系人工客服为您办理。")
        case "advice":
            return phrasebook.text(
                "I cannot recommend what to buy or sell, or give personal advice. A licensed adviser of ours can: please "
                    + "contact customer service.",
                "我不能推荐买卖任何产品，也不能提供个人投资建议。我们的持牌顾问可以为您服务，请联系人工客服。")
        case "dispute":
            return phrasebook.text(
                "I cannot decide about a charge that you do not recognise. Please contact customer service right away: "
                    + "a person can block the card and open a dispute.",
                "对于您不认可的交易，我无法处理。请立即联系人工客服，工作人员可以为您冻结卡片并发起争议处理。")
        case "scope":
            return phrasebook.text(
                "I can only help with your accounts and with questions about banking and investing. For anything else "
                    + "about us, a person in customer service can help.",
                "我只能解答与您的账户以及银行、投资有关的问题。如需其他帮助，请联系人工客服。")
        default:
            return phrasebook.text(
                "I cannot look this up yet. A person in customer service can help you with it.",
                "我目前还查不到这方面的信息，请联系人工客服，工作人员可以帮助您。")
        }
    }
}
