"""GraphiQL as a person meets it: in a real browser that can reach nothing but the service."""

import json
import re
import shutil
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Response, async_playwright, expect

import service.web
from tests.running import Up

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EXAMPLES = sorted((Path(service.web.__file__).parent / "examples").glob("*.graphql"))

expect.set_options(timeout=30_000)  # ms; a busy machine is no fault of the page

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")


@dataclass
class Explorer:
    """The open page, and everything a person would not want it to do."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def run(self) -> dict[str, Any]:
        """Press the button that executes; return what the service answered."""
        async with self.page.expect_response(_is_an_answer) as answer:
            await self.page.get_by_role("button", name="Execute query").click()
        response = await answer.value
        assert response.ok, await response.text()
        return await response.json()

    async def switch_to(self, tab: str) -> None:
        """Change to another tab and see its query."""
        await self.page.get_by_role("tab", name=tab).click()
        await self.shows_query(f"query {tab}")
        # GraphiQL notes the name of the operation 100 ms after the text changed; a timer in the page comes after it.
        await self.page.evaluate("() => new Promise((done) => setTimeout(done, 150))")

    async def shows_query(self, text: str) -> None:
        await expect(self.page.locator(".graphiql-query-editor")).to_contain_text(text)

    async def shows_answer(self, text: str) -> None:
        await expect(self.page.locator(".graphiql-response")).to_contain_text(text)


def _is_an_answer(response: Response) -> bool:
    # The page asks for the schema by itself, and that may still be on its way.
    request = response.request
    return request.method == "POST" and "IntrospectionQuery" not in (request.post_data or "")


@asynccontextmanager
async def open_explorer(url: str) -> AsyncIterator[Explorer]:
    """Open the explorer of a running stack in a browser that resolves no other host; any complaint fails at the end."""
    host = urlsplit(url).hostname
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}"]
        )
        page = await browser.new_page()
        explorer = Explorer(page)
        _listen(explorer, origin=url)
        response = await page.goto(f"{url}/graphql")
        assert response is not None
        assert response.ok, await response.text()
        await explorer.shows_query("query SeniorPay")
        yield explorer
        assert explorer.complaints == []
        await browser.close()


def _listen(explorer: Explorer, origin: str) -> None:
    page, complain = explorer.page, explorer.complaints.append
    local = (origin, "data:")
    # A violation of the content security policy is a console error as well.
    page.on("console", lambda message: message.type == "error" and complain(f"console: {message.text}"))
    page.on("pageerror", lambda error: complain(f"exception: {error}"))
    page.on("request", lambda request: request.url.startswith(local) or complain(f"outside: {request.url}"))
    page.on("requestfailed", lambda request: complain(f"failed: {request.url}"))
    page.on("response", lambda response: response.ok or complain(f"{response.status}: {response.url}"))


@needs_chromium
async def test_the_first_example_is_answered_at_the_press_of_the_button(stack: Up) -> None:
    async with open_explorer(stack.url) as explorer:
        answer = await explorer.run()

        assert "errors" not in answer
        median = next(each for each in answer["data"]["cohort"]["distribution"]["quantiles"] if each["p"] == 0.5)
        assert median["estimate"]["low"] <= median["estimate"]["value"] <= median["estimate"]["high"]
        await explorer.shows_answer('"quantiles"')


@needs_chromium
async def test_every_example_has_a_tab_and_its_answer_is_shown(stack: Up) -> None:
    async with open_explorer(stack.url) as explorer:
        for example in EXAMPLES:
            name = _operation(example)
            await explorer.switch_to(name)

            assert "errors" not in await explorer.run(), name
            await explorer.shows_answer('"data"')


@needs_chromium
async def test_the_documentation_shows_the_schema(stack: Up) -> None:
    async with open_explorer(stack.url) as explorer:
        await explorer.page.get_by_role("button", name="Show Documentation Explorer").click()
        documentation = explorer.page.locator(".graphiql-doc-explorer")
        await documentation.get_by_role("link", name="Query", exact=True).click()

        await expect(documentation).to_contain_text("cohort(")
        await expect(documentation).to_contain_text("dimensions")


@needs_chromium
async def test_the_editor_underlines_a_field_that_the_schema_does_not_have(stack: Up) -> None:
    async with open_explorer(stack.url) as explorer:
        await explorer.page.get_by_role("button", name="New tab").click()
        await explorer.page.locator(".graphiql-query-editor .view-lines").click()
        await explorer.page.keyboard.type("{ wages ")

        await expect(explorer.page.locator(".graphiql-query-editor .squiggly-error").first).to_be_visible()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_answered_over_plain_http(stack: Up, example: Path) -> None:
    request = urllib.request.Request(
        f"{stack.url}/graphql",
        data=json.dumps({"query": example.read_text(encoding="utf-8")}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)
    assert "errors" not in answer
    assert answer["data"]


def _operation(example: Path) -> str:
    found = re.search(r"^query (\w+)", example.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{example.name} does not name its query"
    return found[1]
