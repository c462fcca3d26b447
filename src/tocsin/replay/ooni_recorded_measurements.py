"""Reads recorded OONI measurements: probes' own files, answers of the API, tables and lines of summaries."""

import csv
import gzip
import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.replay.articles import first_row, rows_of
from tocsin.replay.clock import parse_moment
from tocsin.replay.ooni_measurements import NO_SCORES, Measurement, MeasurementSet, fixed

UID = re.compile(r"^\d{14}\.\d{6}_[A-Z]{2}_[a-z0-9]+_[0-9a-f]{16}$")
# Laboratory runs have true answers that never happened in the field: they open by id and stand in no list.
LABORATORY = re.compile(r"qa|labelled", re.IGNORECASE)


def measurement_sets(folder: Path) -> list[MeasurementSet]:
    """Recorded measurements, each kind of recording on its own time axis."""
    found = [_probe_files(folder), *_api_answers(folder), _tables(folder), *_lines(folder)]
    return [fixed(each) for each in found if each]


def _probe_files(folder: Path) -> list[Measurement]:
    found = []
    for path in sorted(folder.glob("*/*/*.json")):
        with path.open(encoding="utf-8", errors="replace") as start:
            head = start.read(65_536)
        if '"measurement_start_time"' in head or ('"probe_cc"' in head and '"test_keys"' in head):
            each = _probe_file(path)
            if each is not None:
                found.append(each)
    return found


def _probe_file(path: Path) -> Measurement | None:
    try:
        row = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        return None
    if not isinstance(row, dict) or "test_keys" not in row:
        return None
    moment = parse_moment(str(row.get("measurement_start_time") or ""))
    if moment is None:
        return None
    keys = row["test_keys"] if isinstance(row["test_keys"], dict) else {}
    blocking = keys.get("blocking")
    return Measurement(
        uid=_uid(str(row.get("measurement_uid") or path.stem), row, moment),
        time=moment,
        country=str(row.get("probe_cc") or "ZZ"),
        asn=_asn(row.get("probe_asn")),
        test_name=str(row.get("test_name") or ""),
        input=_input(row.get("input")),
        report_id=str(row.get("report_id") or ""),
        anomaly=blocking not in (None, False),
        failure=blocking is None and row.get("test_name") == "web_connectivity",
        raw=lambda: _read(path),
        listed=not LABORATORY.search(path.parent.name),
    )


def _read(path: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    return whole


def _uid(given: str, row: dict[str, Any], moment: datetime) -> str:
    """The recorded id, or one in the same form made from what tells measurements apart."""
    if UID.match(given):
        return given
    word = re.sub(r"[^a-z0-9]", "", str(row.get("test_name") or "").lower())
    mark = hashlib.blake2b(f"{given}{row.get('report_id')}{row.get('input')}".encode(), digest_size=8).hexdigest()
    return f"{moment:%Y%m%d%H%M%S.%f}_{row.get('probe_cc') or 'ZZ'}_{word}_{mark}"


def _api_answers(folder: Path) -> list[list[Measurement]]:
    """Recorded answers of the API: summaries with the whole inside, and pages of summaries."""
    whole: dict[str, Measurement] = {}
    pages: dict[str, Measurement] = {}
    for path in sorted(folder.glob("*/*/*.json")):
        with path.open(encoding="utf-8", errors="replace") as start:
            if '"contentType"' not in start.read(400):
                continue
        body = json.loads(json.loads(path.read_text(encoding="utf-8"))["body"])
        rows = body.get("results", [body]) if isinstance(body, dict) else []
        target = pages if "results" in body else whole
        for row in rows:
            each = _summarised(row)
            if each is not None:
                target.setdefault(each.uid, each)
    return [list(whole.values()), list(pages.values())]


def _summarised(row: dict[str, Any]) -> Measurement | None:
    moment = parse_moment(str(row.get("measurement_start_time") or ""))
    if moment is None or not row.get("measurement_uid"):
        return None
    text = row.get("raw_measurement")
    scores = row.get("scores")
    return Measurement(
        uid=str(row["measurement_uid"]),
        time=moment,
        country=str(row.get("probe_cc") or "ZZ"),
        asn=_asn(row.get("probe_asn")),
        test_name=str(row.get("test_name") or ""),
        input=_input(row.get("input")),
        report_id=str(row.get("report_id") or ""),
        anomaly=_true(row.get("anomaly")),
        confirmed=_true(row.get("confirmed")),
        failure=_true(row.get("failure", row.get("msm_failure"))),
        scores=_scores(scores),
        raw=(lambda: json.loads(text)) if isinstance(text, str) and text else None,
    )


def _tables(folder: Path) -> list[Measurement]:
    found = []
    for path in sorted(folder.glob("*/*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if {"measurement_uid", "measurement_start_time", "msm_failure"} <= set(reader.fieldnames or ()):
                found += [each for row in reader if (each := _summarised(dict(row))) is not None]
    return found


def _lines(folder: Path) -> list[list[Measurement]]:
    sets = []
    for path in sorted([*folder.glob("*/*.jsonl"), *folder.glob("*/*.jsonl.gz")]):
        if {"measurement_start_time", "probe_cc", "test_name", "input"} <= first_row(path).keys():
            named = []
            for number, row in enumerate(rows_of(path)):
                moment = parse_moment(str(row["measurement_start_time"]))
                if moment is not None:
                    row["measurement_uid"] = _uid(str(number), row, moment)
                    named.append(_summarised(row))
            sets.append([each for each in named if each is not None])
    return sets


def _true(value: object) -> bool:
    return value is True or value in ("t", "true", "True")


def _asn(value: object) -> int:
    digits = str(value or "").upper().removeprefix("AS")
    return int(digits) if digits.isdigit() else 0


def _input(value: object) -> str:
    return value if isinstance(value, str) else " ".join(map(str, value)) if isinstance(value, list) else ""


def _scores(value: object) -> dict[str, Any]:
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    return value if isinstance(value, dict) else dict(NO_SCORES)
