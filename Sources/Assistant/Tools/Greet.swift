/// Says hello and what can be asked.
struct Greet: Tool {
    let name = "greet"
    let arguments: [Argument] = []

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        FactSheet(isWordable: false)
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        Phrasebook(language: language).text(
            "Hello! I can show your accounts and balances, find transactions, add up your spending, and explain banking "
                + "and investing in general. What would you like to know?",
            "您好！我可以查询您的账户和余额、查找交易、汇总支出，也可以解答银行和投资方面的一般问题。请问想了解什么？")
    }
}
