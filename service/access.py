"""Who asks and what they may do: API keys from MongoDB, and JSON Web Tokens from an issuer that the settings name."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import jwt
from motor.motor_asyncio import AsyncIOMotorDatabase

from schema.document import Document
from schema.errors import PaygaugeError, SettingsError, Unavailable
from service.database import asking
from service.figures.privacy import Policy, PolicyName, policy_of
from service.keys import COLLECTION, PREFIX, Scope, digest_of
from service.settings import ServiceSettings

KEY_SECONDS = 2.0
"""How long a key is believed without asking MongoDB again: a revoked one is refused within that time."""
AWAY_SECONDS = 600.0
"""How long a key that was good is believed while MongoDB does not answer: its holder reads on, as anybody does."""
FIRST_SECONDS, AGAIN_SECONDS = 6.0, 1.0
"""How long who comes with a key that is not known yet, and who holds such a one, is kept waiting for MongoDB."""
KEYS_REMEMBERED = 1_024
SECRET_CHARACTERS = 32
LONGEST_CREDENTIAL = 8_192  # characters


class Unauthenticated(PaygaugeError):
    """The key or token is not valid."""


class Forbidden(PaygaugeError):
    """The key or token does not allow this."""


class UnknownPolicy(PaygaugeError):
    """There is no policy of that name."""


@dataclass(frozen=True)
class Caller:
    """Who asks. `name` tells callers apart without telling a secret; None is anybody."""

    name: str | None = None
    scopes: frozenset[str] = frozenset()

    def check(self, scope: Scope) -> None:
        """Return where the caller has the scope. Raises Unauthenticated for anybody, Forbidden for others without."""
        if self.name is None:
            raise Unauthenticated(f"Send `Authorization: Bearer` with a key or token that has the scope {scope}.")
        if scope not in self.scopes:
            raise Forbidden(f"It needs the scope {scope}.")


ANYBODY = Caller()


class _Believed(NamedTuple):
    caller: Caller | None
    until: float  # of time.monotonic, like `seen`
    seen: float  # when MongoDB said so


class Access:
    """Tells callers by what they send as `Authorization`."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], settings: ServiceSettings) -> None:
        self._keys = database[COLLECTION]
        self._believed: dict[str, _Believed] = {}
        self._issuer = _Issuer(settings)
        self.reading_needs_key = settings.read == "key"

    async def caller(self, authorization: str | None) -> Caller:
        """Return who sends this; ANYBODY where nothing is sent. Raises Unauthenticated for what is not valid."""
        if not authorization:
            return ANYBODY
        scheme, _, credential = authorization.partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential or len(credential) > LONGEST_CREDENTIAL:
            raise Unauthenticated("Send it as `Authorization: Bearer <key or token>`.")
        if credential.startswith(PREFIX):
            return await self._holder(digest_of(credential))
        return self._issuer.caller(credential)

    async def reader(self, authorization: str | None) -> Caller:
        """Return who sends this. Raises Unauthenticated for what is not valid, and for anybody where reading needs a
        key.
        """
        caller = await self.caller(authorization)
        if self.reading_needs_key and caller.name is None:
            raise Unauthenticated("This server answers holders of a key or token: send `Authorization: Bearer`.")
        return caller

    async def policy(self, authorization: str | None, wanted: str | None, usual: Policy) -> Policy:
        """Return the policy that a caller asks for by name, `usual` where none is asked for.

        Raises Unauthenticated and Forbidden where it withholds less than the usual one and the caller is no analyst,
        UnknownPolicy where there is none of that name.
        """
        if not wanted or wanted == usual.name:
            return usual
        if wanted not in PolicyName.__members__:
            raise UnknownPolicy(f"{wanted[:40]!r} is none of {', '.join(PolicyName)}.")
        if usual.name == PolicyName.EMPLOYER_STRICT:
            (await self.caller(authorization)).check(Scope.FIGURES_ANALYST)
        return policy_of(PolicyName(wanted), usual.minimum_contributors)

    async def _holder(self, digest: str) -> Caller:
        believed = self._believed.get(digest)
        if believed is None or believed.until < time.monotonic():
            if len(self._believed) >= KEYS_REMEMBERED:
                self._believed.clear()
            believed = self._believed[digest] = await self._look_up(digest, believed)
        if believed.caller is None:
            raise Unauthenticated("The key is not known, or was revoked: ask who runs this server for another.")
        return believed.caller

    async def _look_up(self, digest: str, before: _Believed | None) -> _Believed:
        now = time.monotonic()
        known = before if before and before.caller and now < before.seen + AWAY_SECONDS else None
        try:
            with asking("The key cannot be checked now: try again."):
                async with asyncio.timeout(AGAIN_SECONDS if known else FIRST_SECONDS):
                    held = await self._keys.find_one({"_id": digest, "revoked": {"$exists": False}})
        except Unavailable:
            if known is None:
                raise
            return known._replace(until=time.monotonic() + KEY_SECONDS)
        caller = Caller(f"key {digest[:16]}", frozenset(held["scopes"])) if held else None
        return _Believed(caller, now + KEY_SECONDS, now)


class _Issuer:
    """Checks tokens by the one algorithm that the settings name a key for: a token never chooses how it is checked."""

    def __init__(self, settings: ServiceSettings) -> None:
        if settings.jwt_secret and settings.jwt_public_key:
            raise SettingsError("Set PAYGAUGE_JWT_SECRET or PAYGAUGE_JWT_PUBLIC_KEY, not both.")
        if 0 < len(settings.jwt_secret) < SECRET_CHARACTERS:
            raise SettingsError(f"PAYGAUGE_JWT_SECRET has under {SECRET_CHARACTERS} characters: it could be guessed.")
        self._key = settings.jwt_secret or settings.jwt_public_key
        self._algorithm = "HS256" if settings.jwt_secret else "RS256"
        self._audience = settings.jwt_audience or None
        self._issuer = settings.jwt_issuer or None

    def caller(self, token: str) -> Caller:
        if not self._key:
            raise Unauthenticated("This server takes keys only, which begin with pk_.")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[self._algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
        except jwt.InvalidTokenError as error:
            raise Unauthenticated(f"{error}.") from error
        subject = hashlib.sha256(str(claims["sub"]).encode()).hexdigest()
        return Caller(f"token {subject[:16]}", _scopes_in(claims.get("scope")))


def _scopes_in(scope: object) -> frozenset[str]:
    # RFC 8693: words separated by spaces; some issuers write a list
    if isinstance(scope, str):
        return frozenset(scope.split())
    return frozenset(each for each in scope if isinstance(each, str)) if isinstance(scope, list) else frozenset()
