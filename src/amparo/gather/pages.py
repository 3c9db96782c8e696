"""A web page turned into text, for mails that hold nothing else. Nothing is fetched, followed or run; one pass."""

import html
import re

_SKIPPED = ("script", "style", "head", "title")
_BREAKS = ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,15})")
_HREF = re.compile(r"""\bhref\s{0,4}=\s{0,4}["']?([^"'\s>]{1,2000})""", re.IGNORECASE)


def plain_text(page: str) -> str:
    """The words of a page; where a link leads is written out after its words, because the words may lie about it."""
    out: list[str] = []
    folded, at, link = page.lower(), 0, ""
    while True:
        begin = page.find("<", at)
        if begin < 0:
            out.append(page[at:])
            break
        out.append(page[at:begin])
        if page.startswith("<!--", begin):
            end = page.find("-->", begin)
            at = end + 3 if end >= 0 else len(page)
            continue
        end = page.find(">", begin)
        if end < 0:
            break
        inside = page[begin + 1 : min(end, begin + 4_000)]
        at = end + 1
        found = _NAME.match(inside)
        name = found[1].lower() if found else ""
        if name in _SKIPPED and not inside.startswith("/"):
            close = folded.find(f"</{name}", at)
            if close < 0:
                break
            at = page.find(">", close)
            if at < 0:
                break
            at += 1
        elif name in _BREAKS:
            out.append("\n")
        elif name == "a":
            if inside.startswith("/"):
                out.append(f" <{link}>" if link else "")
                link = ""
            elif href := _HREF.search(inside):
                link = html.unescape(href[1])
    text = html.unescape("".join(out)).replace("\r", "")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
