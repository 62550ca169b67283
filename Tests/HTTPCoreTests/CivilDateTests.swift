import HTTPCore
import Testing

@Suite("Days of the calendar")
struct CivilDateTests {
    @Test(
        "A date is the number of its day, also before 1970",
        arguments: [
            (0, 1, 1, -719_528), (0, 2, 29, -719_469), (0, 3, 1, -719_468), (1, 1, 1, -719_162),
            (1600, 2, 29, -135_081), (1900, 3, 1, -25_508), (1969, 12, 31, -1), (1970, 1, 1, 0), (2000, 2, 29, 11_016),
            (2026, 11, 28, 20_785), (9999, 12, 31, 2_932_896),
        ])
    func days(year: Int, month: Int, day: Int, count: Int) {
        let date = CivilDate(daysSinceEpoch: count)
        #expect((date.year, date.month, date.day) == (year, month, day))
        #expect(CivilDate.daysSinceEpoch(year: year, month: month, day: day) == count)
    }

    @Test("Each day of four centuries and of the first years follows the one before")
    func everyDay() {
        for range in [-719_528..<(-717_000), -141_000..<10_000] {
            var last = CivilDate(daysSinceEpoch: range.lowerBound)
            for count in range.dropFirst() {
                let date = CivilDate(daysSinceEpoch: count)
                let isNext =
                    date.day == last.day + 1 && (date.month, date.year) == (last.month, last.year)
                    || date.day == 1 && last.day >= 28
                        && (date.month == last.month + 1 && date.year == last.year
                            || date.month == 1 && last.month == 12 && date.year == last.year + 1)
                guard isNext, CivilDate.daysSinceEpoch(year: date.year, month: date.month, day: date.day) == count
                else {
                    Issue.record("\(date) after \(last)")
                    return
                }
                last = date
            }
        }
    }
}
