"""The report as a file: PDF, HTML or JSON."""

import json
import math
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.report.model import Report
from dashboards.report.view import view

_FOLDER = Path(__file__).parent / "templates"
_HTML = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Format(StrEnum):
    """What kind of file; also how its name ends."""

    PDF = "pdf"
    HTML = "html"
    JSON = "json"


def document(report: Report, kind: Format) -> bytes:
    """The whole file."""
    return {Format.PDF: _pdf, Format.HTML: _html, Format.JSON: _json}[kind](report)


def _json(report: Report) -> bytes:
    return json.dumps(_finite(asdict(report)), ensure_ascii=False, indent=1, allow_nan=False).encode()


def _finite(value: object) -> object:
    """The same with None for what JSON has no number for: a bound that is infinite."""
    if isinstance(value, dict):
        return {key: _finite(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_finite(held) for held in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _html(report: Report) -> bytes:
    return _HTML.get_template("report.html").render(view=view(report)).encode()


def _pdf(report: Report) -> bytes:
    """Two pages, tagged for screen readers (PDF/UA); fonts come with typst, nothing is fetched."""
    made = typst.compile(
        (_FOLDER / "report.typ").read_bytes(),
        sys_inputs={"view": json.dumps(view(report).plain())},
        ignore_system_fonts=True,
        pdf_standards="ua-1",
    )
    assert isinstance(made, bytes)  # a PDF is one file
    return made
