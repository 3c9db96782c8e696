"""Workbooks by hand: the XML that two spreadsheet programs write, put into an archive. No program's code is used.

Layout after ECMA-376 as the programs lay it out: Excel keeps texts in shared strings and builds formats on the built-in
numbers; LibreOffice writes its formats as custom codes, states `customHeight` and `aca`, and always a calculated value.
"""

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TYPES = (
    f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
ROOT = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)

EXCEL_STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
    'formatCode="[$-409]d\\-mmm\\-yyyy\\ h:mm;@"/></numFmts><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164"/>'
    '<xf numFmtId="17"/><xf numFmtId="46"/><xf numFmtId="20"/></cellXfs></styleSheet>'
)
"""Styles 1: a day, 2: day and time, 3: month and year, 4: elapsed time, 5: a time of day."""

CALC_STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="General"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy"/><numFmt numFmtId="166" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<cellStyleXfs count="20"><xf numFmtId="164" fontId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="164" fontId="0"/><xf numFmtId="165" fontId="0"/><xf numFmtId="166" fontId="0"/>'
    "</cellXfs></styleSheet>"
)
"""Styles 1: a day, 2: day and time."""


def strings(*texts: str) -> str:
    """Shared strings; a text that begins with "<" is taken as it stands (rich text)."""
    inside = "".join(
        f"<si>{text}</si>" if text.startswith("<") else f'<si><t xml:space="preserve">{text}</t></si>' for text in texts
    )
    return f'{HEAD}<sst xmlns="{MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{inside}</sst>'


def sheet(rows: str, *, before: str = "", after: str = "") -> str:
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><dimension ref="A1:F9"/>{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def excel(
    sheets: dict[str, str], *, shared: str = "", styles: str = EXCEL_STYLES, date1904: bool = False,
    hidden: tuple[str, ...] = (), more: dict[str, str | bytes] | None = None,
) -> bytes:
    """A workbook of these sheets (name: XML), with the parts beside them."""
    tags = "".join(
        f'<sheet name="{name}" sheetId="{number}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""} '
        f'r:id="rId{number}"/>'
        for number, name in enumerate(sheets, start=1)
    )
    system = '<workbookPr date1904="1"/>' if date1904 else '<workbookPr defaultThemeVersion="166925"/>'
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    links += f'<Relationship Id="rId90" Type="{OFFICE}/styles" Target="styles.xml"/>'
    links += f'<Relationship Id="rId91" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES, "_rels/.rels": ROOT,
        "xl/workbook.xml":
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{system}<sheets>{tags}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>',
        "xl/styles.xml": styles, "xl/sharedStrings.xml": shared or strings(),
    }
    parts |= {f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets.values(), start=1)}
    return archive(parts | (more or {}))


def archive(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return out.getvalue()


def text_row(number: int, *cells: str) -> str:
    """A row of inline strings."""
    found = "".join(
        f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>'
        for column, cell in enumerate(cells) if cell
    )
    return f'<row r="{number}">{found}</row>'


def excel_register() -> bytes:
    """A helpline's register as Excel saves it: dates of three kinds, a formula, one not calculated, merged cells."""
    shared = strings(
        "What happened", "Date", "Kind", "Note", "They published my address &amp; my phone", "doxing; harassment",
        "Followed home",
        '<r><t>two </t></r><r><rPr><b/></rPr><t>runs</t></r><rPh sb="0" eb="1"><t>reading</t></rPh>',
        "line one_x000D_\nline two", "A call at night",
    )
    rows = (
        '<row r="1" spans="1:4"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>'
        '<c r="D1" t="s"><v>3</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>4</v></c><c r="B2" s="1"><v>45443</v></c><c r="C2" t="s"><v>5</v></c>'
        '<c r="D2"><f>SUM(E2:E9)</f><v>12.5</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>6</v></c><c r="B3" s="2"><v>45443.770833333336</v></c>'
        '<c r="D3"><f>E3*2</f></c></row>'
        '<row r="5" hidden="1"><c r="A5" t="s"><v>7</v></c><c r="B5" s="3"><v>45413</v></c>'
        '<c r="D5" t="e"><v>#REF!</v></c></row>'
        '<row r="6"><c r="A6" t="s"><v>8</v></c><c r="B6" s="1"><v>59</v></c><c r="C6" t="b"><v>1</v></c>'
        '<c r="D6" t="str"><f>A1&amp;"!"</f><v>What happened!</v></c></row>'
        '<row r="7"><c r="A7" t="s"><v>9</v></c><c r="D7"><v>34600123456</v></c></row>'
    )
    after = '<mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells><hyperlinks><hyperlink ref="A2"/></hyperlinks>'
    before = '<cols><col min="5" max="6" width="9" hidden="1"/></cols>'
    return excel(
        {"Register 2024": sheet(rows, before=before, after=after), "Old": sheet(text_row(1, "kept"))},
        shared=shared, hidden=("Old",), more={"xl/comments1.xml": f'{HEAD}<comments xmlns="{MAIN}"/>'},
    )


def calc_register() -> bytes:
    """The same kind of register as LibreOffice saves it, in Spanish; formulas always have a value."""
    shared = strings("Qué pasó", "Fecha", "Tipo de ataque", "Publicaron mi dirección", "Me siguieron", "vigilancia")
    frame = 'customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"'
    rows = (
        f'<row r="1" {frame}>'
        '<c r="A1" s="0" t="s"><v>0</v></c><c r="B1" s="0" t="s"><v>1</v></c><c r="C1" s="0" t="s"><v>2</v></c></row>'
        f'<row r="2" {frame}>'
        '<c r="A2" s="0" t="s"><v>3</v></c><c r="B2" s="1" t="n"><v>45443</v></c>'
        '<c r="C2" s="0" t="str"><f aca="false">LOWER(&quot;DOXING&quot;)</f><v>doxing</v></c></row>'
        f'<row r="3" {frame}>'
        '<c r="A3" s="0" t="s"><v>4</v></c><c r="B3" s="2" t="n"><v>45444.75</v></c>'
        '<c r="C3" s="0" t="s"><v>5</v></c></row>'
    )
    before = (
        '<sheetPr filterMode="false"><pageSetUpPr fitToPage="false"/></sheetPr><sheetFormatPr defaultColWidth="11.53"/>'
    )
    return excel({"Hoja1": sheet(rows, before=before)}, shared=shared, styles=CALC_STYLES)
