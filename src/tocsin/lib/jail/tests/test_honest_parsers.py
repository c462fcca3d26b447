"""Real parsers do their work inside the jail."""

import io
from typing import Any

import docx
import pytest

from tocsin.lib.jail import Code, Result, run, run_many

PRISONERS = "tocsin.lib.jail.tests.prisoners:"


def jailed(name: str, payload: bytes, **argument: Any) -> Result:
    return run(PRISONERS + name, payload, argument=argument)


def read(name: str, payload: bytes) -> Result:
    return run("tocsin.lib.jail.tests.readers:" + name, payload)


def a_pdf(text: str) -> bytes:
    drawing = f"BT /F 24 Tf 72 700 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"%PDF-1.4\n"
    for number, part in enumerate(parts, 1):
        body += b"%d 0 obj%s endobj\n" % (number, part)
    return body + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF"


def test_a_feed_in_an_old_encoding_is_read() -> None:
    item = "<item><title>Тревога</title></item>"
    text = f'<?xml version="1.0" encoding="windows-1251"?><rss version="2.0"><channel>{item}</channel></rss>'
    assert read("feed", text.encode("windows-1251")).data == ["Тревога"]


def test_a_pdf_is_read() -> None:
    assert read("pdf", a_pdf("A quiet morning")).data == "A quiet morning"


def test_a_word_document_is_read() -> None:
    document = docx.Document()
    document.add_paragraph("A quiet morning")
    file = io.BytesIO()
    document.save(file)
    assert read("word", file.getvalue()).data == ["A quiet morning"]


def test_what_only_claims_to_be_a_document_is_unreadable() -> None:
    for name in ("word", "pdf"):
        result = read(name, b"MZ not a document")
        assert result.failure is not None
        assert result.failure.code is Code.UNREADABLE


def test_text_and_arguments_come_through_unchanged() -> None:
    result = jailed("echo", "Ünï😀".encode(), base="https://example.org/", depth=2)
    assert result.data["text"] == "Ünï😀"
    assert result.data["argument"] == {"base": "https://example.org/", "depth": 2}


def test_broken_text_becomes_text_that_can_be_stored() -> None:
    assert jailed("echo", b"caf\xe9").data["text"] == "caf?"


def test_a_nul_in_the_text_is_dropped() -> None:
    assert jailed("echo", b"a\0b").data["text"] == "ab"


def test_the_parser_is_loaded_without_the_web_framework() -> None:
    assert jailed("echo", b"").data["django"] is False


def test_a_parser_may_refuse_in_its_own_words() -> None:
    result = jailed("refuse", b"")
    assert result.failure is not None
    assert result.failure.message == "This is a spreadsheet. Save it as a document."


def test_the_text_of_other_errors_stays_inside() -> None:
    result = jailed("fail_with_text", b"a name in a document")
    assert result.failure is not None
    assert result.failure.where.startswith("ValueError at prisoners.py:")
    assert "a name" not in str(result)


@pytest.mark.parametrize("payload", [b"nan", b"object"])
def test_an_answer_that_is_not_plain_data_is_a_failure(payload: bytes) -> None:
    result = jailed("not_json", payload)
    assert result.failure is not None
    assert result.failure.code is Code.UNREADABLE


@pytest.mark.parametrize("parser", ["no.such.module:parse", "json:no_such_function", "json:decoder", "json"])
def test_a_parser_that_does_not_exist_is_a_failure_to_start(parser: str) -> None:
    result = run(parser, b"")
    assert result.failure is not None
    assert result.failure.code is Code.START


def test_a_batch_shares_one_process_and_keeps_its_order() -> None:
    documents = [b"%d" % number for number in range(50)]
    each = [{"number": number} for number in range(50)]
    results = run_many(PRISONERS + "echo", documents, argument={"source": "s"}, each=each)
    assert [(r.data["text"], r.data["argument"]) for r in results] == [
        (str(number), {"source": "s", "number": number}) for number in range(50)
    ]
    pids = {result.data["pid"] for result in run_many(PRISONERS + "surroundings", [b"", b"", b""])}
    assert len(pids) == 1


def test_large_documents_go_in_and_large_answers_come_out() -> None:
    results = run_many(PRISONERS + "echo", [b"x" * 3_000_000, b"y" * 3_000_000])
    assert [len(result.data["text"]) for result in results] == [3_000_000, 3_000_000]


def test_no_documents_need_no_process() -> None:
    assert run_many("no.such.module:parse", []) == []
