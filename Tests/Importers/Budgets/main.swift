import Budgets

/// A budget of one dollar a day for a key. A call is held at 60 cents and costs 40 in the end; then one call of 60 cents
/// fits, and a second one beside it does not.
func spendOneDollar() throws(BudgetError) {
    let book = BudgetBook()
    book.setLimits(Limits(maxBudget: .dollars(1), window: .calendarDay), of: .key(7), at: .now())
    for missing in book.missingSpends(at: .now()) {
        book.setSpent(.zero, of: missing.scope, windowStart: missing.window.start)
    }
    let ask = Ask(scopes: [.key(7)], ceiling: .init(nanos: 600_000_000), tokens: 1000)
    try book.hold(ask, at: .now()).settle(cost: .init(nanos: 400_000_000), tokens: 700)
    let second = try book.hold(ask, at: .now())
    do throws(BudgetError) {
        try book.hold(ask, at: .now()).release()
    } catch {
        print("refused: \(error)")
    }
    second.release()
}

try spendOneDollar()
