"""A setting as a card: one line while it is closed, its versions, range and sources once opened."""

from html import escape

from kafkabook.base.settings import VERSIONS, Explanation, Setting, Version

SUMMARY = "<summary><code>{name}</code>{meaning}. {state}</summary>"
# JupyterLab's own style would lay cells to the right, and stretch the table.
ROW = '<tr><th style="text-align:left">{what}</th><td style="text-align:left">{told}</td></tr>'


def settings_card(explanation: Explanation) -> str:
    """Return HTML that opens without a kernel and without a script, a card for each setting.

    >>> from kafkabook import explain
    >>> settings_card(explain("linger.ms"))[:56]
    '<details class="kb-card"><summary><code>linger.ms</code>'
    """
    return "".join(map(_card, explanation.settings))


def _card(row: Setting) -> str:
    meaning = f": {escape(row.meaning)}" if row.meaning else ""
    line = SUMMARY.format(name=escape(row.name), meaning=meaning, state=escape(row.state()))
    rows = "".join(
        ROW.format(what=escape(what), told=escape(told)) for what, told in _rows(row) if told
    )
    return f'<details class="kb-card">{line}<table style="margin-left:0">{rows}</table></details>'


def _rows(row: Setting) -> list[tuple[str, str]]:
    unit = f", in {row.unit}" if row.unit else ""
    defaults = [(f"default in {version}", _default(row, version)) for version in VERSIONS]
    more = [("range", row.valid), ("gone", row.gone.removeprefix("gone "))]
    more += [("the same thing", row.same), ("source", row.kip)]
    more += [("lecture notes", row.notes_section)]
    return [("belongs to", f"{row.scope} ({row.type}{unit})"), *defaults, *more, ("more", row.note)]


def _default(row: Setting, version: Version) -> str:
    exact, told = row.defaults[version], row.default_text(version)
    return exact if exact == told else f"{exact} ({told})"
