/// The statement texts of what every demonstration customer does, in the customer's language.
struct DemoWording: Sendable {
    let salary: String
    let rent: (merchant: String, description: String)
    let toSavings: String
    let fromChecking: String
    let toBrokerage: String
    let loanPayment: String
    let cardPayment: String
    let interestEarned: String
    let interestCharged: String
    let accountFee: String

    static let english = DemoWording(
        salary: "PAYROLL DIRECT DEPOSIT", rent: ("Maple Court Apartments", "MAPLE COURT APARTMENTS RENT"),
        toSavings: "TRANSFER TO SAVINGS", fromChecking: "TRANSFER FROM CHECKING", toBrokerage: "TRANSFER TO BROKERAGE",
        loanPayment: "LOAN PAYMENT", cardPayment: "CREDIT CARD PAYMENT", interestEarned: "INTEREST PAYMENT",
        interestCharged: "INTEREST CHARGE", accountFee: "MONTHLY SERVICE FEE")

    static let chinese = DemoWording(
        salary: "工资入账", rent: ("安居房屋租赁", "房租"), toSavings: "转入储蓄账户", fromChecking: "活期账户转入",
        toBrokerage: "银证转账转出", loanPayment: "贷款还款", cardPayment: "信用卡还款", interestEarned: "结息",
        interestCharged: "利息", accountFee: "短信服务费")
}
