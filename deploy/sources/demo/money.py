"""How people write money down: rounded, in local currency, by the month or the hour, in lakhs, as text, as a range."""

from random import Random
from typing import Any

from deploy.sources.demo.tables import PLACES

HOURS_A_YEAR = 2_080
LAKH = 100_000
MOST_IN_THOUSANDS = 1_000_000  # nobody writes 12,000,000 yen as 12000k

MONTHLY = PLACES.numbers("monthly")
PAYMENTS = [int(payments) if (payments := row["payments"]) else None for row in PLACES.rows]
PER_DOLLAR = PLACES.numbers("per_usd")
CURRENCIES = [row["currency"] for row in PLACES.rows]

Written = dict[str, Any] | float | str


def round_money(amount: float, digits: int = 3) -> float:
    """Round to significant digits, as people do."""
    return float(f"{amount:.{digits}g}")


def in_local(dollars: float, place: int, digits: int = 3) -> float:
    """Return an amount in the place's currency, at a fixed rate: pay agreed in a currency does not follow the rate."""
    return round_money(dollars * float(PER_DOLLAR[place]), digits)


def write_amount(amount: float, place: int, hourly: bool, random: Random) -> Written:
    """Write an annual amount in local currency the way somebody there might."""
    if hourly:
        return {"amount": round_money(amount / HOURS_A_YEAR), "period": "hour"}
    if random.random() < MONTHLY[place]:
        payments = PAYMENTS[place]
        month: dict[str, Any] = {"amount": round_money(amount / (payments or 12)), "period": "month"}
        return {**month, "payments": payments} if payments else month
    style = random.random()
    if CURRENCIES[place] == "INR" and style < 0.5:
        return f"{amount / LAKH:.4g} {'LPA' if style < 0.3 else 'lakh'}"
    if style < 0.08 and amount < MOST_IN_THOUSANDS:
        return f"{amount / 1000:.4g}k"
    if style < 0.14:
        return f"{amount:,.0f}"
    return amount if style < 0.5 else {"amount": amount, "period": "year"}
