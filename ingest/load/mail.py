"""E-mail: who wrote what to whom and when, the text, and the attachments read by their own loaders."""

from __future__ import annotations

import email
import email.policy
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.errors import MessageError
from email.message import EmailMessage, Message
from pathlib import Path, PurePosixPath, PureWindowsPath

from oxmsg import Message as OutlookMessage

from ingest.errors import LoadError
from ingest.load import load
from ingest.load.clean import clean, has_cjk
from ingest.load.damage import DAMAGE
from ingest.load.encoding import decoded_bytes
from ingest.load.hidden import HiddenText
from ingest.load.markup import read_html
from ingest.load.registry import FORMATS, Loaded
from ingest.load.text import numbered_blocks, paragraphs
from ingest.settings import LoadSettings
from ingest.types import Block

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_CHINESE = {"From": "发件人", "To": "收件人", "Cc": "抄送", "Date": "日期", "Subject": "主题"}
_QUOTE = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)
_UNNAMED = {"text/plain": "text.txt", "text/html": "text.html", "text/csv": "table.csv"}
_MOST_ATTACHMENTS = 100
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGE: tuple[type[Exception], ...] = (*DAMAGE, MessageError)


@dataclass(frozen=True, slots=True)
class _Mail:
    headers: dict[str, str]
    html: str
    plain: str
    attachments: tuple[tuple[str, bytes], ...]


def eml(path: Path, settings: LoadSettings) -> Loaded:
    """Read a message: its headers as the first block, its text, then each attachment under its name.

    Quoted replies are part of the text. Pictures and other parts that lie elsewhere are never fetched.
    """
    raw = path.read_bytes()
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        mail = _of_message(message)
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is a damaged e-mail: save it anew from the mail program") from error
    if not mail.headers:
        raise LoadError(f"{path.name}: is no e-mail: it has neither sender nor subject nor date")
    return _read(path.name, mail, settings)


def msg(path: Path, settings: LoadSettings) -> Loaded:
    """Read an Outlook message as :func:`eml` does."""
    raw = path.read_bytes()
    if not raw.startswith(_OLE):
        raise LoadError(f"{path.name}: is no Outlook message (.msg): give it the right suffix")
    try:
        mail = _of_outlook(OutlookMessage.load(raw))
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is a damaged Outlook message: save it as .eml or anew") from error
    return _read(path.name, mail, settings)


def _of_message(message: Message) -> _Mail:
    if not isinstance(message, EmailMessage):
        raise ValueError("no modern message")
    headers = {name: clean(str(message[name])) for name in _HEADERS if message[name]}
    html = message.get_body(("html",))
    plain = message.get_body(("plain",))
    attachments = list(_attachments(message, (html, plain)))
    return _Mail(headers, _text(html), _text(plain), tuple(attachments[:_MOST_ATTACHMENTS]))


def _attachments(part: Message, bodies: tuple[Message | None, ...]) -> Iterator[tuple[str, bytes]]:
    """Give the name and content of every part that is neither the text nor a picture that it shows."""
    if part.get_content_type() == "message/rfc822":
        for inner in part.iter_parts() if isinstance(part, EmailMessage) else ():
            yield f"{clean(str(inner['Subject'] or 'message'))[:80].replace('/', ' ')}.eml", inner.as_bytes()
    elif part.is_multipart():
        for inner in part.iter_parts() if isinstance(part, EmailMessage) else ():
            yield from _attachments(inner, bodies)
    elif part not in bodies and not _is_shown(part):
        payload = part.get_payload(decode=True)
        name = part.get_filename() or _UNNAMED.get(part.get_content_type(), "attachment")
        if isinstance(payload, bytes) and payload:
            yield name, payload


def _is_shown(part: Message) -> bool:
    """Tell a picture inside the text; some programs give an attached one an id too."""
    is_picture = part.get_content_maintype() == "image" and part["Content-ID"]
    return bool(is_picture) and part.get_content_disposition() != "attachment"


def _text(part: Message | None) -> str:
    payload = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(payload, bytes):
        return ""
    found = decoded_bytes(payload, part.get_content_charset())
    return found.text if found else payload.decode("utf-8", "replace")


def _of_outlook(message: OutlookMessage) -> _Mail:
    sent = message.sent_date
    known = {
        "From": message.sender,
        "To": ", ".join(f"{one.name} <{one.email_address}>" for one in message.recipients),
        "Date": sent.strftime("%Y-%m-%d %H:%M") if sent else "",
        "Subject": message.subject,
    }
    attachments = tuple(
        (one.file_name or f"attachment-{number}", one.file_bytes)
        for number, one in enumerate(message.attachments[:_MOST_ATTACHMENTS], 1)
        if one.file_bytes
    )
    headers = {name: clean(value) for name, value in known.items() if value}
    return _Mail(headers, message.html_body or "", message.body or "", attachments)


def _read(name: str, mail: _Mail, settings: LoadSettings) -> Loaded:
    hidden = HiddenText(settings)
    blocks = read_html(name, mail.html, hidden, whole=True)[0] if mail.html.strip() else []
    if not blocks:
        blocks = numbered_blocks(list(paragraphs(_QUOTE.sub("", mail.plain))))
    chinese = has_cjk(mail.headers.get("Subject", "")) or any(has_cjk(block.text) for block in blocks[:20])
    head = [Block(_head(mail.headers, chinese), "row")] if mail.headers else []
    attached, warnings = _attached(mail.attachments, settings)
    return Loaded([*head, *blocks, *attached], mail.headers.get("Subject"), warnings=(*hidden.warnings, *warnings))


def _head(headers: dict[str, str], chinese: bool) -> str:
    if chinese:
        return "；".join(f"{_CHINESE[name]}：{value}" for name, value in headers.items())
    return "; ".join(f"{name}: {value}" for name, value in headers.items())


def _attached(attachments: Iterable[tuple[str, bytes]], settings: LoadSettings) -> tuple[list[Block], list[str]]:
    """Read attachments; give their blocks under headings with their names, and what could not be read."""
    blocks: list[Block] = []
    warnings: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for raw_name, content in attachments:
            # The name is a label, never a path.
            name = clean(PureWindowsPath(PurePosixPath(raw_name).name).name) or "attachment"
            suffix = PurePosixPath(name).suffix.lower()
            if suffix not in FORMATS:
                warnings.append(f"attachment left out, its format can't be read: {name}")
                continue
            file = Path(folder) / f"attachment{suffix}"
            file.write_bytes(content)
            try:
                document = load(file, source=name, settings=settings)
            except LoadError as error:
                warnings.append(f"attachment left out: {error}")
                continue
            blocks += _under(name, document.blocks)
            warnings += [f"{name}: {warning}" for warning in document.warnings]
    return blocks, warnings


def _under(name: str, blocks: Iterable[Block]) -> Iterator[Block]:
    yield Block(name, "heading")
    for block in blocks:
        yield replace(block, heading_path=(name, *block.heading_path), boxes=())
