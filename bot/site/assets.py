"""Static files, kept in memory and named by their content, so that browsers may keep them for a year."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
A_YEAR = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".ico": "image/x-icon"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file."""

    content: bytes
    media_type: str


class Assets:
    """The files of one folder under names that carry a digest of their content.

    A folder in it is one file, made of its parts in the order of their names.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            content = _content(path)
            name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
            media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            self._names[path.name] = name
            self._files[name] = Asset(content, media_type)

    def url(self, name: str) -> str:
        """The address of that file. Raises KeyError for a name that is not in the folder."""
        return f"/static/{self._names[name]}"

    async def serve(self, request: Request) -> Response:
        """A file by its digested name; an old digest is 404, as its page is old too."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": A_YEAR})

    async def favicon(self, _: Request) -> Response:
        """The icon that browsers ask for by themselves."""
        asset = self._files[self._names["favicon.ico"]]
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": A_DAY})


def read_asset(name: str) -> bytes:
    """The content of that file. Raises OSError for a name that is not in the folder."""
    return _content(FOLDER / name)


def _content(path: Path) -> bytes:
    parts = sorted(path.iterdir()) if path.is_dir() else [path]
    return b"\n".join(part.read_bytes() for part in parts)
