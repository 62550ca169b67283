/// A day of the proleptic Gregorian calendar.
///
/// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the leap day
/// is the last of its year, and the calendar repeats every 400 years of 146097 days.
package struct CivilDate: Equatable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// Creates the date of a day, counted from 1970-01-01, which must not be before the year 0.
    package init(daysSinceEpoch: Int) {
        precondition(daysSinceEpoch >= -719_528, "a date is not before the year 0")
        // Counted from 0000-03-01. The two months before it are taken for those 400 years later.
        let isBeforeMarch = daysSinceEpoch < -719_468
        let days = daysSinceEpoch + 719_468 + (isBeforeMarch ? 146_097 : 0)
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Months from March: 0 to 11; 153 days in each five months.
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0) - (isBeforeMarch ? 400 : 0)
    }

    /// The days from 1970-01-01 to a date. `month` is 1 to 12; a day beyond the end of its month is in the next one.
    package static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        // Years that begin in March, so that a leap day is the last.
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear >= 0 ? marchYear / 400 : (marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
