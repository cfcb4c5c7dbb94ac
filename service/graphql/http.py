"""GraphQL over HTTP: from a request to the reply."""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from math import ceil

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope

from schema.errors import PaygaugeError, Unavailable
from service.access import Access, Caller, Forbidden, Unauthenticated, UnknownPolicy
from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.graphql.answers import Answer, Answers, Question
from service.graphql.bodies import Asked, Headers, Refusal, asked_in_address, asked_in_body
from service.graphql.context import POLICY, Context, context_of
from service.graphql.documents import Invalid, Operation, PersistedQueries
from service.graphql.errors import ClientError, code_of, shown
from service.graphql.execution import run
from service.graphql.limits import COST_OF_A_TOKEN, Limits
from service.graphql.negotiation import EVENTS, JSON, RESPONSE, Accepted, accepted
from service.graphql.replies import Reply, answered, cached, refused, request_error, unchanged
from service.graphql.schema import Schema
from service.graphql.streams import EventStream, as_event
from service.graphql.turns import Haste, Turns
from service.rates import Rates, client_at
from service.repeats import QUESTION
from service.web.explorer import explorer_page

NOT_LOADED = "The reports are still being loaded. /health/ready says when they are; try again then."
BY_STREAM = "Subscriptions are answered over WebSocket, by graphql-transport-ws, and to who accepts text/event-stream."
STATUSES: dict[type[PaygaugeError], tuple[int, dict[str, str]]] = {
    Unauthenticated: (401, {"WWW_Authenticate": "Bearer"}),
    Forbidden: (403, {}),
    UnknownPolicy: (400, {}),
    Unavailable: (503, {"Retry_After": "1"}),
}


@dataclass(frozen=True)
class Call:
    """A request that may be answered: who asks what of which snapshot, and how the answer may look."""

    asked: Asked
    text: str
    by_get: bool
    taken: Accepted
    client: str
    caller: Caller
    policy: Policy
    snapshot: Snapshot
    scope: Scope

    @cached_property
    def context(self) -> Context:
        """What the answer is computed from; an answer that is known needs none."""
        return context_of(Request(self.scope), self.snapshot, self.policy)

    @property
    def question(self) -> Question:
        """All that the answer depends on."""
        variables = orjson.dumps(self.asked.variables, option=orjson.OPT_SORT_KEYS)
        name = self.asked.operation_name
        return Question(self.snapshot.version, self.text, name, variables, self.policy, self.caller.scopes)


class Endpoint:
    """Answers requests. `cache_seconds` is how long who asks by GET need not ask again."""

    def __init__(self, schema: Schema, limits: Limits, answers: Answers, cache_seconds: int) -> None:
        self._schema, self._limits, self._answers = schema, limits, answers
        self._cache_seconds = cache_seconds
        self._persisted = PersistedQueries()
        self._haste = Haste()

    async def reply(self, scope: Scope, receive: Receive) -> ASGIApp:
        """Return what answers a request; GraphiQL's page where a browser opens it."""
        headers = dict(scope["headers"])
        accept = headers.get(b"accept", b"").decode("latin-1")
        if scope["method"] == "GET" and "text/html" in accept:
            return explorer_page(Request(scope))
        taken = accepted(accept)
        kind = taken.single or JSON
        try:
            call = await self._call(scope, receive, headers, taken)
            return await self._answer(
                call, scope["state"]["rates"], headers.get(b"if-none-match", b"").decode("latin-1")
            )
        except Refusal as refusal:
            return refused(refusal, kind)
        except Invalid as invalid:
            answer = request_error([shown(error) for error in invalid.errors])
        except GraphQLError as error:
            answer = request_error([shown(error)])
        except Exception as error:  # ours: the client is told under which reference it is logged
            answer = replace(request_error([shown(GraphQLError("", original_error=error))]), status=500)
        return answered(answer, kind) if taken.single or answer.status != 200 else as_event(answer)

    async def _call(self, scope: Scope, receive: Receive, headers: Headers, taken: Accepted) -> Call:
        method = scope["method"]
        if method not in ("GET", "POST"):
            raise Refusal(405, "METHOD_NOT_ALLOWED", "Ask by GET or POST.", Allow="GET, POST")
        if not taken.single and not taken.events:
            raise Refusal(406, "NOT_ACCEPTABLE", f"Answers are {RESPONSE}, {JSON} or {EVENTS}.")
        client, caller, policy = await _admitted(scope, headers)
        snapshot = scope["state"]["feed"].snapshot
        if snapshot is None:
            raise Refusal(503, "NOT_READY", NOT_LOADED, Retry_After="1")
        if method == "POST":
            asked = await asked_in_body(headers, receive, self._limits)
        else:
            asked = asked_in_address(scope["query_string"])
        return Call(asked, self._text(asked), method == "GET", taken, client, caller, policy, snapshot, scope)

    async def _answer(self, call: Call, rates: Rates, held: str) -> ASGIApp:
        question = call.question
        found = self._answers.find(question, exact=call.by_get) if call.taken.single else None
        if found is None:
            operation, cost = await self._operation(call)
            if operation.kind is OperationType.SUBSCRIPTION or call.taken.single is None:
                return await self._stream(call)
            if call.by_get and operation.pure and _is_held(self._answers.tag(question), held):
                return unchanged(cached(self._answers.tag(question), self._cache_seconds, call.caller.name))
            _take(rates, call.client, cost / COST_OF_A_TOKEN)
            work = partial(self._run, call, operation, cost)
            exact = call.by_get or cost < COST_OF_A_TOKEN  # a GET's answer carries the tag of its snapshot
            found = await (self._answers.compute(question, work, exact) if operation.pure else work(patient=False))
        if call.asked.digest and not found.refused:  # only now, so that none is kept that cannot be answered
            self._persisted.keep(call.asked.digest, call.text)
        return self._reply(call, question, found, held)

    async def _run(self, call: Call, operation: Operation, cost: int, *, patient: bool) -> Answer:
        turns = Turns(self._haste, patient=patient)
        return await run(self._schema, operation, call.asked.variables, call.context, cost, turns)

    def _reply(self, call: Call, question: Question, answer: Answer, held: str) -> Reply:
        kind = call.taken.single or JSON
        if answer.lasting and not call.by_get and not call.caller.name:
            call.scope["state"][QUESTION] = question
        if not call.by_get or not answer.lasting:
            return answered(answer, kind)
        tag = self._answers.tag(question)
        headers = cached(tag, self._cache_seconds, call.caller.name)
        return unchanged(headers) if _is_held(tag, held) else answered(answer, kind, headers)

    async def _stream(self, call: Call) -> ASGIApp:
        if not call.taken.events:
            raise Refusal(406, "NOT_ACCEPTABLE", BY_STREAM)
        asked = call.asked
        return EventStream(
            await self._schema.stream(call.text, asked.variables, call.context, None, asked.operation_name)
        )

    def _text(self, asked: Asked) -> str:
        if asked.query is None:
            return self._persisted.text(asked.digest or "")
        if asked.digest and sha256(asked.query.encode()).hexdigest() != asked.digest:
            raise ClientError("PERSISTED_QUERY_MISMATCH", "provided sha does not match query")
        return asked.query

    async def _operation(self, call: Call) -> tuple[Operation, int]:
        prepared = await self._schema.documents.prepared_apart(call.text, self._limits)
        operation = prepared.operation(call.asked.operation_name)
        if call.by_get and operation.kind is OperationType.MUTATION:
            raise Refusal(405, "METHOD_NOT_ALLOWED", "Mutations are sent by POST.", Allow="POST")
        cost = prepared.cost(operation, call.asked.variables)
        return operation, cost


async def _admitted(scope: Scope, headers: Headers) -> tuple[str, Caller, Policy]:
    state = scope["state"]
    access: Access = state["access"]
    address = client_at(scope["client"][0]) if scope["client"] else "unknown"
    authorization, wanted = (_text(headers.get(name)) for name in (b"authorization", POLICY.encode()))
    try:
        caller = await access.reader(authorization)
        policy = await access.policy(authorization, wanted, state["policy"])
    except PaygaugeError as error:
        _take(state["rates"], address)  # or keys could be tried without end
        status, more = STATUSES[type(error)]
        raise Refusal(status, code_of(error), str(error), **more) from error
    client = caller.name or address
    _take(state["rates"], client)
    return client, caller, policy


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")


def _is_held(tag: str, held: str) -> bool:
    return tag.removeprefix("W/") in held  # a proxy may have made it a strong one


def _take(rates: Rates, client: str, tokens: float = 1.0) -> None:
    wait = rates.take(client, tokens)
    if wait:
        message = f"You ask too often: ask again in {wait:.1f} seconds."
        raise Refusal(429, "RATE_LIMITED", message, Retry_After=str(ceil(wait)))
