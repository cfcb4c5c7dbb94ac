"""Trends as clients see them: points in time, the index at constant mix, growth."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import numpy as np
import strawberry

from service.figures import trend as figures
from service.figures.cohort import Cohort as Held
from service.figures.forecast import MOST_PERIODS_AHEAD, forecast
from service.figures.forecast import ForecastPoint as Ahead
from service.figures.money import Basis, Measure
from service.graphql.context import Info
from service.graphql.describe import described, resolved
from service.graphql.errors import ClientError
from service.graphql.figures import Estimate, distribution_of, shown

if TYPE_CHECKING:  # a cohort has trends
    from service.graphql.cohort import Cohort


@described
class TrendPoint:
    """The reports of a period."""

    held: strawberry.Private[figures.TrendPoint]
    trend: strawberry.Private["Trend"]

    @resolved
    def period(self) -> str:
        """ "2024", "2024-Q3" or "2024-07"."""
        return self.held.period

    @resolved
    def start(self) -> date:
        """First day of the period."""
        return self.held.start

    @resolved
    def cohort(self) -> Annotated["Cohort", strawberry.lazy("service.graphql.cohort")]:
        """The reports whose pay took effect in the period."""
        from service.graphql.cohort import Cohort

        return Cohort(held=self.held.cohort, basis=self.trend.basis)

    @resolved
    async def raw(self, info: Info) -> Estimate | None:
        """Median of the reports of the period, money a year in the basis's currency.

        It moves with the mix of reports as well as with pay. Null where withheld.
        """
        found = await distribution_of(info, self.held.cohort, self.trend.of, self.trend.basis)
        return shown(found.held.quantile(0.5))

    @resolved
    async def adjusted(self, info: Info) -> Estimate | None:
        """Index of pay at constant mix, first published period = 100, with the robust interval of the regression.

        Log pay on the period and on role, level, country, work mode and company size (time-dummy hedonic index). Null
        where the period is withheld, or where it cannot be told from the mix.
        """
        return shown((await self.trend.adjust(info)).index.get(self.held.period))


@described
class Growth:
    """Change from a year before the last published period to it, as ratios minus one: 0.08 is 8% more."""

    raw: Estimate | None = strawberry.field(
        description="Change of the median as a ratio minus one, with its interval (Price and Bonett 2002)."
    )
    adjusted: Estimate | None = strawberry.field(
        description="Change at constant mix, with its interval; null where it cannot be told from the mix."
    )
    mix_effect: float | None = strawberry.field(
        description="What the raw change has on top of the adjusted one: it came from who reported, not from pay."
    )


@described
class ForecastPoint:
    """A period to come: index at constant mix, first published period = 100."""

    period: str = strawberry.field(description='"2024", "2024-Q3" or "2024-07".')
    value: float = strawberry.field(description="The middle of what is expected, index.")
    low80: float = strawberry.field(description="Lower bound of the 80% band, index.")
    high80: float = strawberry.field(description="Upper bound of the 80% band, index.")
    low95: float = strawberry.field(description="Lower bound of the 95% band, index.")
    high95: float = strawberry.field(description="Upper bound of the 95% band, index.")


@described
class Backtest:
    """The same forecast made one period ahead from every earlier period, against what came."""

    periods: int = strawberry.field(description="Number of forecasts.")
    mean_absolute_percentage_error: float = strawberry.field(description="Mean error as a ratio: 0.02 is 2%.")
    coverage95: float = strawberry.field(description="Share of periods that the 95% band held, 0 to 1.")


@described
class Forecast:
    """The index at constant mix, continued by a damped trend."""

    refused: str | None = strawberry.field(description="Why there is none; null where there is one.")
    points: list[ForecastPoint] = strawberry.field(description="The periods to come; empty where refused.")
    backtest: Backtest | None = strawberry.field(description="How far to trust it; null where too few periods came.")
    method: str = strawberry.field(description="How it is made.")


@described
class Trend:
    """A cohort over time."""

    cohort: strawberry.Private[Held]
    interval: strawberry.Private[figures.Interval]
    of: strawberry.Private[Measure]
    basis: strawberry.Private[Basis]

    @resolved
    async def points(self, info: Info) -> list[TrendPoint]:
        """The periods that have reports, in order of time."""
        points = await info.context.compute(len(self.cohort), lambda: figures.trend_points(self.cohort, self.interval))
        return [TrendPoint(held=point, trend=self) for point in points]

    @resolved
    async def growth(self, info: Info) -> Growth | None:
        """Change over the last year; null where that period or the one a year before is missing or withheld."""
        growth = (await self.adjust(info)).growth
        if growth is None:
            return None
        return Growth(raw=shown(growth.raw), adjusted=shown(growth.adjusted), mix_effect=growth.mix_effect)

    @resolved
    async def forecast(
        self,
        info: Info,
        periods: Annotated[int, strawberry.argument(description="How many periods ahead, 1 to 12.")] = 4,
    ) -> Forecast:
        """The index at constant mix, continued; refused where fewer than 8 periods in a row can be published."""
        if not 1 <= periods <= MOST_PERIODS_AHEAD:
            raise ClientError("BAD_USER_INPUT", f"periods is {periods}; ask for 1 to {MOST_PERIODS_AHEAD}.")
        run = (await self.adjust(info)).run()
        index = np.array([value for _, value in run])
        found = await info.context.figure(
            self.cohort,
            ("forecast", periods, self.interval, self.of, self.basis),
            lambda: forecast(index, periods),
        )
        names = info.context.snapshot.codebooks[figures.DIMENSION_OF[self.interval]].values
        points = [ForecastPoint(period=names[run[-1][0] + point.ahead], **_band(point)) for point in found.points]
        backtest = Backtest(**vars(found.backtest)) if found.backtest else None
        return Forecast(refused=found.refused, points=points, backtest=backtest, method=found.method)

    async def adjust(self, info: Info) -> figures.AdjustedTrend:
        """Return the regression behind the index, made once a snapshot."""
        policy = info.context.policy
        return await info.context.figure(
            self.cohort,
            ("trend", self.interval, self.of, self.basis),
            lambda: figures.AdjustedTrend(self.cohort, self.interval, self.of, self.basis, policy),
        )


def _band(point: Ahead) -> dict[str, float]:
    return {name: value for name, value in vars(point).items() if name != "ahead"}
