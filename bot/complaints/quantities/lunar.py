"""The Chinese calendar behind the port that the reading of dates asks for.

The only module that imports `borax`, whose tables reach from 1900 to 2100.
"""

from datetime import date

from borax.calendars.lunardate import LCalendars, LunarDate, TermUtils


class TableLunarCalendar:
    """Lunar days and solar terms from tables; None outside of them."""

    def year_of(self, day: date) -> int | None:
        """The lunar year that the day belongs to."""
        try:
            return int(LunarDate.from_solar_date(day.year, day.month, day.day).year)
        except ValueError:
            return None

    def day(self, year: int, month: int, day: int, *, leap: bool = False) -> date | None:
        """The day of a lunar date; None where that month has no such day or that year no such leap month."""
        try:
            found: date = LunarDate(year, month, day, int(leap)).to_solar_date()
        except ValueError:
            return None
        return found

    def month_length(self, year: int, month: int, *, leap: bool = False) -> int | None:
        """The number of days of a lunar month, 29 or 30."""
        try:
            return int(LCalendars.ndays(year, month, int(leap)))
        except ValueError:
            return None

    def term(self, year: int, number: int) -> date | None:
        """The day of a solar term, counted from 小寒 (0) in January to 冬至 (23) in December."""
        try:
            found: date = TermUtils.nth_term_day(year, number)
        except ValueError:
            return None
        return found
