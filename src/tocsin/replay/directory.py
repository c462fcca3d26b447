"""The list of everything that a world serves, for people and for programs that want to subscribe."""

from dataclasses import replace
from html import escape
from typing import Any

from tocsin.replay.world import Answer, Endpoint, Request, Suggestion, World, json_answer


def with_directory(world: World) -> World:
    """The same world with its index, its suggested sources and its clock."""
    own = (
        Endpoint("/", "index", "This list", lambda request: _html(world, request), faulty=False),
        Endpoint("/index.json", "index", "This list for programs", lambda request: _json(world, request), faulty=False),
        Endpoint("/sources.json", "index", "Every suggested source", lambda r: _sources(world, r), faulty=False),
        Endpoint("/sources.opml", "index", "The feeds among them as OPML", lambda r: _opml(world, r), faulty=False),
        Endpoint("/clock.json", "index", "Launch, speed, start and kind of dates", _clock, faulty=False),
    )
    return replace(world, endpoints=own + world.endpoints)


def suggestions(world: World) -> list[Suggestion]:
    """Every suggested source of a world, in the order of its endpoints, with its path filled in."""
    return [
        each if each.url else replace(each, url=endpoint.path)
        for endpoint in world.endpoints
        for each in endpoint.suggestions
    ]


def rows(world: World, base_url: str) -> list[dict[str, Any]]:
    """One row an endpoint: path, kind, what it is, suggested sources."""
    return [
        {
            "path": endpoint.path,
            "url": base_url + endpoint.path.removesuffix("*"),
            "kind": endpoint.kind,
            "about": endpoint.about,
            "sources": [
                (each if each.url else replace(each, url=endpoint.path)).as_dict(base_url)
                for each in endpoint.suggestions
            ],
        }
        for endpoint in world.endpoints
    ]


def _json(world: World, request: Request) -> Answer:
    data = {"name": world.name, "live": world.live, "endpoints": rows(world, request.base_url)}
    return json_answer(data, modified=request.clock.launched)


def _sources(world: World, request: Request) -> Answer:
    data = {"name": world.name, "sources": [each.as_dict(request.base_url) for each in suggestions(world)]}
    return json_answer(data, modified=request.clock.launched)


def _opml(world: World, request: Request) -> Answer:
    lines = [
        f'    <outline type="rss" text="{escape(each.name)}" title="{escape(each.name)}"'
        f' xmlUrl="{escape(request.base_url + each.url)}" language="{escape(",".join(each.languages))}"/>'
        for each in suggestions(world)
        if each.kind == "feeds"
    ]
    body = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            f"  <head><title>{escape(world.name)}</title></head>",
            "  <body>",
            *lines,
            "  </body>",
            "</opml>",
        ]
    )
    return Answer(body.encode(), "text/x-opml; charset=utf-8", modified=request.clock.launched)


def _clock(request: Request) -> Answer:
    clock = request.clock
    data = {
        "launched": clock.launched.isoformat(),
        "speed": clock.speed,
        "start": clock.start.isoformat() if clock.start else None,
        "dates": clock.dates.value,
        "live": clock.live,
    }
    return json_answer(data, modified=clock.launched)


def _html(world: World, request: Request) -> Answer:
    table = "\n".join(
        f'<tr><td><a href="{escape(row["url"])}">{escape(row["path"])}</a></td>'
        f"<td>{escape(row['kind'])}</td><td>{escape(row['about'])}</td></tr>"
        for row in rows(world, "")
    )
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>Replay: {escape(world.name)}</title><h1>Replay: {escape(world.name)}</h1>"
        '<p>Recorded data, served on this machine alone. <a href="/sources.json">Suggested sources</a>, '
        '<a href="/sources.opml">as OPML</a>, <a href="/index.json">this list as JSON</a>.</p>'
        f"<table><thead><tr><th>Address<th>Kind<th>What</thead><tbody>{table}</tbody></table></html>"
    )
    return Answer(body.encode(), "text/html; charset=utf-8", modified=request.clock.launched)
