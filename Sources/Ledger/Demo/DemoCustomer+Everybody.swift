import Finance

extension DemoCustomer {
    /// The demonstration's customers.
    ///
    /// Their ids, names and accounts never change; documentation and tests rely on them.
    static let everybody: [DemoCustomer] = [
        DemoCustomer(
            number: 1001, name: "Emily Carter", locale: "en-US", timeZone: "America/New_York",
            employer: "Northwind Labs",
            paydays: [.init(day: 15, cents: 245_000), .init(day: 28, cents: 245_000)], rentCents: 185_000,
            savedCents: 40_000,
            investedCents: 30_000,
            holdings: [
                .account(.checking, "Everyday Checking", "4821", .usd, opening: 312_045),
                .account(.savings, "Rainy Day Savings", "7730", .usd, opening: 845_000, rate: 350),
                .card("Rewards Credit Card", "1094", .usd, limit: 1_200_000),
                .account(.brokerage, "Brokerage", "5512", .usd, opening: 250_000),
            ]),
        DemoCustomer(
            number: 1002, name: "王伟", locale: "zh-CN", timeZone: "Asia/Shanghai", employer: "华辰科技",
            paydays: [.init(day: 10, cents: 1_580_000)], rentCents: 420_000, savedCents: 200_000,
            holdings: [
                .account(.checking, "活期账户", "6208", .cny, opening: 1_864_350),
                .account(.savings, "储蓄账户", "3317", .cny, opening: 5_200_000, rate: 130),
                .card("信用卡", "9046", .cny, limit: 5_000_000),
            ]),
        DemoCustomer(
            number: 1003, name: "Daniel Reyes", locale: "en-US", timeZone: "America/Chicago",
            employer: "Lakeside Hospital",
            paydays: [.init(day: 15, cents: 232_000), .init(day: 28, cents: 232_000)], rentCents: 142_000,
            savedCents: 25_000,
            loanPaymentCents: 38_560, cardPaymentPercent: 80,
            holdings: [
                .account(.checking, "Everyday Checking", "2265", .usd, opening: 284_012),
                .account(.savings, "Holiday Savings", "8841", .usd, opening: 215_000, rate: 325),
                .card("Cash Back Card", "5730", .usd, limit: 800_000, rate: 1999),
                .account(.loan, "Auto Loan", "6619", .usd, opening: -1_842_500, rate: 589),
            ]),
        DemoCustomer(
            number: 1004, name: "李娜", locale: "zh-CN", timeZone: "Asia/Shanghai", employer: "明德学校",
            paydays: [.init(day: 10, cents: 1_920_000)], savedCents: 150_000, investedCents: 200_000,
            loanPaymentCents: 520_000,
            holdings: [
                .account(.checking, "活期账户", "1173", .cny, opening: 2_530_800),
                .account(.savings, "储蓄账户", "4452", .cny, opening: 3_600_000, rate: 130),
                .card("信用卡", "7781", .cny, limit: 6_000_000),
                .account(.loan, "住房贷款", "2094", .cny, opening: -86_450_000, rate: 345),
                .account(.brokerage, "证券账户", "8806", .cny, opening: 1_200_000),
            ]),
        DemoCustomer(
            number: 1005, name: "Grace Liu", locale: "en-US", timeZone: "America/Los_Angeles",
            employer: "Pacific Design",
            paydays: [.init(day: 15, cents: 268_000), .init(day: 28, cents: 268_000)], rentCents: 221_000,
            holdings: [
                .account(.checking, "Everyday Checking", "9038", .usd, opening: 405_570),
                .account(.savings, "Renminbi Savings", "6127", .cny, opening: 4_800_000, rate: 95),
                .card("Travel Card", "3365", .usd, limit: 1_500_000),
            ]),
        DemoCustomer(
            number: 1006, name: "陈杰", locale: "zh-CN", timeZone: "Asia/Shanghai", employer: "东海贸易",
            paydays: [.init(day: 10, cents: 1_460_000)], rentCents: 380_000,
            holdings: [
                .account(.checking, "活期账户", "5584", .cny, opening: 1_426_900),
                .account(.savings, "美元储蓄账户", "7019", .usd, opening: 650_000, rate: 280),
                .card("信用卡", "2238", .cny, limit: 4_000_000),
            ]),
        DemoCustomer(
            number: 1007, name: "Oliver Brooks", locale: "en-US", timeZone: "America/Denver",
            employer: "Summit Outfitters",
            paydays: [.init(day: 15, cents: 198_000), .init(day: 28, cents: 198_000)], rentCents: 118_000,
            monthlyFeeCents: 500,
            holdings: [.account(.checking, "Everyday Checking", "3471", .usd, opening: 286_218)]),
        DemoCustomer(
            number: 1008, name: "刘洋", locale: "zh-CN", timeZone: "Asia/Shanghai", employer: "青云设计",
            paydays: [.init(day: 10, cents: 1_280_000)], rentCents: 300_000, monthlyFeeCents: 200,
            holdings: [.account(.checking, "活期账户", "8260", .cny, opening: 764_500)]),
    ]
}
