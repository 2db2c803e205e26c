"""Files that people send: what they really are, by their content."""

import struct
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, override

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image

from approvals.actions.attach import honest_name
from approvals.actions.errors import Invalid
from approvals.models.sentence import Sentence
from approvals.web import formats

if TYPE_CHECKING:
    from approvals.models.sentence import Wording

# More pixels than any phone takes; a small file that claims more is made to exhaust memory.
MOST_PIXELS = 80_000_000
TOO_MANY_PIXELS = _("“{name}” has too many pixels. Send a smaller copy.")
MOST_FRAMES = 200
HEAD = 8192
TAIL = 2048


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken: ``pillow`` is the decoder to hold a picture against, empty for none.

    ``really`` says of a file ``name`` that it is of this kind under a false name.
    """

    content_type: str
    really: "Wording"
    endings: tuple[str, ...]
    pillow: str = ""


KINDS = {
    kind.content_type: kind
    for kind in (
        Kind(
            "image/jpeg",
            _("“{name}” is really a JPEG picture. Send it under its own name, or send the original."),
            (".jpg", ".jpeg", ".jpe", ".jfif"),
            "JPEG",
        ),
        Kind(
            "image/png",
            _("“{name}” is really a PNG picture. Send it under its own name, or send the original."),
            (".png",),
            "PNG",
        ),
        Kind(
            "image/webp",
            _("“{name}” is really a WebP picture. Send it under its own name, or send the original."),
            (".webp",),
            "WEBP",
        ),
        Kind(
            "image/gif",
            _("“{name}” is really a GIF picture. Send it under its own name, or send the original."),
            (".gif",),
            "GIF",
        ),
        Kind(
            "application/pdf",
            _("“{name}” is really a PDF. Send it under its own name, or send the original."),
            (".pdf",),
        ),
    )
}
PHONE_PHOTOS = frozenset({"image/heic", "image/heif", "image/avif"})
ACCEPTED = ",".join(ending for kind in KINDS.values() for ending in kind.endings)
WANTED = _("JPEG, PNG, WebP, GIF or PDF")
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
        raise Invalid("file", _("“{name}” is empty."), name=name)
    if upload.size > settings.MAX_RECEIPT_BYTES:
        raise Invalid("file", too_large(name))
    kind = _recognised(name, upload)
    ending = PurePosixPath(name).suffix.lower()
    if ending and ending not in kind.endings:
        raise Invalid("file", kind.really, name=name)
    fault = _picture_fault(upload, kind) if kind.pillow else _pdf_fault(upload)
    upload.seek(0)
    if fault:
        raise Invalid("file", fault, name=name)
    return kind.content_type


def too_large(name: str) -> Sentence:
    """Say that a file is too large."""
    said = _("“{name}” is larger than {size}. Send a smaller copy.")
    return Sentence(said, name=name, size=lazy(formats.size, str)(settings.MAX_RECEIPT_BYTES))


def _recognised(name: str, upload: "UploadedFile[Any]") -> Kind:
    upload.seek(0)
    guess = filetype.guess_mime(upload.read(HEAD))
    if guess in PHONE_PHOTOS:
        raise Invalid("file", _("“{name}” is a photo in a format that few browsers show. Send it as JPEG."), name=name)
    if guess not in KINDS:
        said = _("“{name}” is not a picture or PDF, whatever its name says. Send {wanted}.")
        raise Invalid("file", said, name=name, wanted=WANTED)
    return KINDS[guess]


def _picture_fault(upload: "UploadedFile[Any]", kind: Kind) -> "Wording":
    upload.seek(0)
    stream: IO[bytes] = upload.file  # type: ignore[assignment]
    try:
        with Image.open(stream, formats=[kind.pillow]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return TOO_MANY_PIXELS
            if getattr(picture, "n_frames", 1) > MOST_FRAMES:
                return _("“{name}” is a film rather than a picture. Send one picture.")
            picture.verify()
    except Image.DecompressionBombError:
        return TOO_MANY_PIXELS
    except BROKEN:
        return _("“{name}” is damaged and cannot be shown. Open it on your side, and save or scan it again.")
    return ""


def _pdf_fault(upload: "UploadedFile[Any]") -> "Wording":
    upload.seek(0)
    begins = upload.read(5) == b"%PDF-"
    upload.seek(max(0, (upload.size or 0) - TAIL))
    end = upload.read(TAIL)
    if not begins or b"%%EOF" not in end or b"startxref" not in end:
        return _("“{name}” is a PDF that is cut off or damaged. Open it on your side, and save it again.")
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
