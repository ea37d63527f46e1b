"""The doctor's report of the last two weeks, made when the page asks for it."""

import asyncio
import time
from datetime import tzinfo

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboards.report.builder import build_report
from dashboards.report.document import Format, document
from dashboards.web.context import PageContext
from dashboards.web.days import last_days, zone_named
from dashboards.web.told import DAYS
from ingest.errors import JournalError
from ingest.reader import JournalReader

MEDIA_TYPES = {
    Format.PDF: "application/pdf",
    Format.HTML: "text/html; charset=utf-8",
    Format.JSON: "application/json",
}


async def send_report(context: PageContext, request: Request) -> Response:
    """Answer with the report as the file that the path ends in; made beside the event loop."""
    kind = request.path_params["kind"]
    if kind not in set(Format):
        return PlainTextResponse("A report ends in .pdf, .html or .json.", status_code=404)
    zone = zone_named(request.query_params.get("zone", "UTC"))
    try:
        content = await asyncio.to_thread(_make, context, Format(kind), zone)
    except JournalError as error:
        return PlainTextResponse(f"The report could not be made: {error}", status_code=503)
    return Response(content, media_type=MEDIA_TYPES[Format(kind)])


def _make(context: PageContext, kind: Format, zone: tzinfo) -> bytes:
    now_ns = time.time_ns()
    days = last_days(now_ns, zone, DAYS)
    with JournalReader(context.journal) as reader:
        report = build_report(reader, context.wearer, days[0].day, days[-1].day, zone=zone, now_ns=now_ns)
    return document(report, kind)
