"""Settings from `PAYGAUGE_*` variables: one typed object a process, checked at the start, shown without secrets."""

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from schema.errors import SettingsError

PREFIX = "PAYGAUGE_"

S = TypeVar("S", bound=msgspec.Struct)


def read_settings(kind: type[S], environ: Mapping[str, str]) -> S:
    """Return the settings of a process: field `mongo` is read from `PAYGAUGE_MONGO`, and so on.

    Raises SettingsError naming the variable that is wrong. Variables that are empty count as not set.
    """
    given = {
        name: environ[PREFIX + name.upper()] for name in kind.__struct_fields__ if environ.get(PREFIX + name.upper())
    }
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_sentence(str(error))) from error


def describe_settings(settings: msgspec.Struct) -> dict[str, object]:
    """Return the settings by variable, with the passwords in addresses and all keys and secrets starred out."""
    return {
        PREFIX + name.upper(): "***" if re.search("secret|password|key", name) and value else _without_password(value)
        for name, value in msgspec.structs.asdict(settings).items()
    }


def _sentence(message: str) -> str:
    detail, _, place = message.partition(" - at ")
    variable = PREFIX + place.strip("`").removeprefix("$.").upper() if place else ""
    return f"{variable}: {detail}." if variable else detail


def _without_password(value: object) -> object:
    return re.sub(r"//([^/:@]+):[^@]*@", r"//\1:***@", value) if isinstance(value, str) else value
