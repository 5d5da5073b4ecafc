"""Pages as `make web` builds them, but small: for tests of how they are given to browsers."""

from __future__ import annotations

import gzip
from pathlib import Path

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta name="contextql-key" content="" />
    <title>{title}</title>
    <script type="module" crossorigin src="/assets/{script}"></script>
  </head>
  <body><div id="root"></div></body>
</html>
"""

SCRIPT = "console-5aXq.js"
SAID = b"document.title = 'here';" * 100


def small_pages(folder: Path) -> Path:
    """The folder, with both pages and a script that is there compressed as well."""
    (folder / "index.html").write_text(PAGE.format(title="ContextQL", script=SCRIPT))
    (folder / "explorer.html").write_text(PAGE.format(title="GraphiQL", script=SCRIPT))
    assets = folder / "assets"
    assets.mkdir()
    (assets / SCRIPT).write_bytes(SAID)
    (assets / f"{SCRIPT}.gz").write_bytes(gzip.compress(SAID))
    (assets / f"{SCRIPT}.br").write_bytes(b"as Brotli writes it")
    return folder
