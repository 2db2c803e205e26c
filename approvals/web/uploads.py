"""Files that people send: what they really are, by their content."""

import struct
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, override

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from PIL import Image

from approvals.actions.attach import honest_name
from approvals.actions.errors import Invalid
from approvals.web import formats

# More pixels than any phone takes; a small file that claims more is made to exhaust memory.
MOST_PIXELS = 80_000_000
TOO_MANY_PIXELS = "has too many pixels. Send a smaller copy."
MOST_FRAMES = 200
HEAD = 8192
TAIL = 2048


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: ``pillow`` is the decoder to hold a picture against, empty for none."""

    content_type: str
    called: str
    endings: tuple[str, ...]
    pillow: str = ""


KINDS = {
    kind.content_type: kind
    for kind in (
        Kind("image/jpeg", "a JPEG picture", (".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
        Kind("image/png", "a PNG picture", (".png",), "PNG"),
        Kind("image/webp", "a WebP picture", (".webp",), "WEBP"),
        Kind("image/gif", "a GIF picture", (".gif",), "GIF"),
        Kind("application/pdf", "a PDF", (".pdf",)),
    )
}
PHONE_PHOTOS = frozenset({"image/heic", "image/heif", "image/avif"})
ACCEPTED = ",".join(ending for kind in KINDS.values() for ending in kind.endings)
WANTED = "JPEG, PNG, WebP, GIF or PDF"
# What Pillow is known to raise on a picture that is broken on purpose.
BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError, MemoryError,
    struct.error,
)  # fmt: skip


def check(upload: "UploadedFile[Any]") -> str:
    """Return the content type of an upload, found in its content; the sender's word counts for nothing.

    Raises Invalid with a sentence that names the file.
    """
    name = honest_name(upload.name or "")
    if not upload.size:
        raise Invalid("file", f"“{name}” is empty.")
    if upload.size > settings.MAX_RECEIPT_BYTES:
        raise Invalid("file", too_large(name))
    kind = _recognised(name, upload)
    ending = PurePosixPath(name).suffix.lower()
    if ending and ending not in kind.endings:
        raise Invalid("file", f"“{name}” is really {kind.called}. Send it under its own name, or send the original.")
    fault = _picture_fault(upload, kind) if kind.pillow else _pdf_fault(upload)
    upload.seek(0)
    if fault:
        raise Invalid("file", f"“{name}” {fault}")
    return kind.content_type


def too_large(name: str) -> str:
    """Say that a file is too large."""
    return f"“{name}” is larger than {formats.size(settings.MAX_RECEIPT_BYTES)}. Send a smaller copy."


def _recognised(name: str, upload: "UploadedFile[Any]") -> Kind:
    upload.seek(0)
    guess = filetype.guess_mime(upload.read(HEAD))
    if guess in PHONE_PHOTOS:
        raise Invalid("file", f"“{name}” is a photo in a format that few browsers show. Send it as JPEG.")
    if guess not in KINDS:
        raise Invalid("file", f"“{name}” is not a picture or PDF, whatever its name says. Send {WANTED}.")
    return KINDS[guess]


def _picture_fault(upload: "UploadedFile[Any]", kind: Kind) -> str:
    upload.seek(0)
    stream: IO[bytes] = upload.file  # type: ignore[assignment]
    try:
        with Image.open(stream, formats=[kind.pillow]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return TOO_MANY_PIXELS
            if getattr(picture, "n_frames", 1) > MOST_FRAMES:
                return "is a film rather than a picture. Send one picture."
            picture.verify()
    except Image.DecompressionBombError:
        return TOO_MANY_PIXELS
    except BROKEN:
        return "is damaged and cannot be shown. Open it on your side, and save or scan it again."
    return ""


def _pdf_fault(upload: "UploadedFile[Any]") -> str:
    upload.seek(0)
    begins = upload.read(5) == b"%PDF-"
    upload.seek(max(0, (upload.size or 0) - TAIL))
    end = upload.read(TAIL)
    if not begins or b"%%EOF" not in end or b"startxref" not in end:
        return "is a PDF that is cut off or damaged. Open it on your side, and save it again."
    return ""


class BoundedUpload(FileUploadHandler):
    """Stops storing a file once it is over the limit, and notes its field and name as ``request.oversized``."""

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the bytes on to the handler that stores them, as long as there are not too many."""
        if start + len(raw_data) > settings.MAX_RECEIPT_BYTES:
            noted: list[tuple[str, str]] = self.request.__dict__.setdefault("oversized", [])
            noted.append((str(self.field_name), honest_name(self.file_name or "")))
            raise SkipFile
        return raw_data

    @override
    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handler that stored it."""
