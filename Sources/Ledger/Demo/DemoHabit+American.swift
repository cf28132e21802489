extension DemoHabit {
    /// A month in the United States, in US cents.
    static let american: [DemoHabit] = [
        .spends("Netflix", "NETFLIX.COM LOS GATOS CA", .entertainment, .on(day: 12), 1549...1549),
        .spends("Spotify", "SPOTIFY USA NEW YORK NY", .entertainment, .on(day: 5), 1199...1199),
        .spends("Starbucks", "STARBUCKS STORE 08812", .dining, .times(4...8), 425...985),
        .spends("Chipotle", "CHIPOTLE 1634", .dining, .times(1...3), 1095...1985),
        .spends("Blue Table Bistro", "BLUE TABLE BISTRO", .dining, .times(1...2), 3860...9640),
        .spends("Whole Foods Market", "WHOLEFDS MKT 10233", .groceries, .times(3...4), 4210...13_980),
        .spends("Trader Joe's", "TRADER JOE S #541", .groceries, .times(2...4), 2380...7850),
        .spends("Uber", "UBER *TRIP HELP.UBER.COM", .transport, .times(2...5), 925...3480),
        .spends("Shell", "SHELL OIL 57442", .transport, .times(1...3), 3360...5820),
        .spends("Amazon", "AMAZON.COM*MKTPL AMZN.COM/BILL", .shopping, .times(2...4), 1280...12_990),
        .spends("Target", "TARGET 00021184", .shopping, .times(1...2), 1890...10_450),
        .spends("AMC Theatres", "AMC 0472 ONLINE", .entertainment, .times(0...1), 1850...4150),
        .spends("CVS Pharmacy", "CVS/PHARMACY #02177", .health, .times(0...2), 840...4460),
        .spends("Planet Fitness", "PLANET FIT CLUB FEES", .health, .on(day: 17), 2499...2499),
        .spends("Coursera", "COURSERA.ORG", .education, .times(0...1), 4900...4900),
        .spends("Delta Air Lines", "DELTA AIR 0062341", .travel, .times(0...1), 17_840...42_260, step: 10),
        .spends(
            "City Power & Light", "CITY POWER & LIGHT AUTOPAY", .utilities, .on(day: 18), 6280...12_840, from: .checking
        ),
        .spends("Verizon", "VERIZON WIRELESS PAYMENTS", .utilities, .on(day: 22), 7000...7000, from: .checking),
        .spends(nil, "ATM WITHDRAWAL MAIN ST", .cash, .times(1...2), 4000...16_000, step: 2000, from: .checking),
    ]
}
