extension DemoHabit {
    /// A month in mainland China, in fen.
    static let chinese: [DemoHabit] = [
        .spends("Netflix", "NETFLIX 奈飞会员订阅", .entertainment, .on(day: 12), 10_800...10_800),
        .spends("Spotify", "SPOTIFY 音乐会员订阅", .entertainment, .on(day: 5), 7800...7800),
        .spends("爱奇艺", "爱奇艺会员自动续费", .entertainment, .on(day: 9), 2500...2500),
        .spends("星巴克", "星巴克咖啡 STARBUCKS 消费", .dining, .times(4...8), 2900...7600),
        .spends("美团", "美团外卖订单支付", .dining, .times(5...9), 1880...8650),
        .spends("海底捞", "海底捞火锅消费", .dining, .times(1...2), 16_800...42_500),
        .spends("盒马鲜生", "盒马鲜生门店消费", .groceries, .times(3...5), 6230...25_860),
        .spends("永辉超市", "永辉超市消费", .groceries, .times(2...3), 4350...18_920),
        .spends("京东", "京东商城订单支付", .shopping, .times(2...4), 5900...89_900),
        .spends("优衣库", "优衣库 UNIQLO 消费", .shopping, .times(0...1), 9900...59_900, step: 100),
        .spends("滴滴出行", "滴滴出行车费", .transport, .times(3...6), 1260...6480),
        .spends("上海地铁", "地铁乘车", .transport, .times(4...8), 300...700, step: 100),
        .spends("中国铁路", "12306 火车票", .travel, .times(0...1), 15_800...66_200, step: 50),
        .spends("大参林药房", "药房消费", .health, .times(0...2), 2680...16_900),
        .spends("得到", "得到课程", .education, .times(0...1), 9900...19_900, step: 1000),
        .spends("国家电网", "电费代扣", .utilities, .on(day: 18), 8640...26_350, from: .checking),
        .spends("中国移动", "手机话费代扣", .utilities, .on(day: 22), 8800...8800, from: .checking),
        .spends(nil, "自动取款机取现", .cash, .times(0...2), 50_000...200_000, step: 10_000, from: .checking),
    ]
}
