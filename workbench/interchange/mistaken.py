"""Files that are not what their names say, told by their first bytes: what each is, and how to get the rows out of it."""

from workbench.errors import BadInputError
from workbench.sentences import said

#: So many bytes of a file's beginning are enough to tell.
LOOKED_AT = 64

_UTF16 = said("is UTF-16 or UTF-32 text; save it as UTF-8")
_PACKED = said("is compressed in a way that is not read here; unpack it, or compress it with gzip")
KINDS = (
    (
        b"version https://git-lfs",
        said("is a pointer of Git LFS and holds no rows; fetch the file itself with: git lfs pull"),
    ),
    (b"PK\x03\x04", said("is a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV")),
    (b"PAR1", said("is a Parquet file; give it a name that ends in .parquet")),
    (
        b"ARROW1",
        said("is an Arrow file; name the folder of the data set it belongs to, or save it as Parquet"),
    ),
    (b"SQLite format 3\0", said("is a database of SQLite; export its rows as JSONL or CSV")),
    (b"\x1f\x8b", said("is compressed by gzip twice, or where it is not expected; unpack it")),
    (b"\x28\xb5\x2f\xfd", _PACKED),
    (b"\xfd7zXZ", _PACKED),
    # UTF-32's little-endian mark begins with UTF-16's.
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
    (b"\0\0\xfe\xff", _UTF16),
)
_WEB_PAGE = said("is a web page and not the file it links to; download that one (on code hosts by its raw address)")


def refuse_mistaken(start: bytes, name: str) -> None:
    """Raise BadInputError where a file of text begins as something else does."""
    if is_ := next((sentence for mark, sentence in KINDS if start.startswith(mark)), "") or _by_look(start):
        raise BadInputError("{name} {trouble}.", name=name, trouble=is_)


def _by_look(start: bytes) -> str:
    if start.lstrip().lower().startswith(b"<!doctype html"):
        return _WEB_PAGE
    if start.startswith(b"BZh") and start[4:10] == b"1AY&SY":
        return _PACKED
    # Latin letters of UTF-16 without a mark: every other byte is nought.
    return _UTF16 if [not byte for byte in start[:4]] in ([False, True] * 2, [True, False] * 2) else ""
