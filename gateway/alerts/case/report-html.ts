import type { Report, ReportPicture, ReportProcedure, Row } from "./report.ts"

const signs: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const text = (words: string): string => words.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign)

const style = `
:root { color-scheme: light; --ink: #1a1a1a; --muted: #4a4f55; --line: #c4c4be; }
body { margin: 24px auto; max-width: 800px; padding: 0 16px; color: var(--ink); background: #fff;
  font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
header { display: flex; flex-wrap: wrap; gap: 12px; align-items: baseline; border-bottom: 2px solid var(--ink); padding-bottom: 8px; }
h1 { font-size: 1.4rem; margin: 0; flex: 1; }
h2 { font-size: 1.05rem; margin: 22px 0 6px; border-bottom: 1px solid var(--line); break-after: avoid; }
.mark { font-weight: 700; border: 2px solid var(--ink); padding: 2px 10px; }
.mark.exercise { background: repeating-linear-gradient(45deg, #fff 0 10px, #ddd 10px 20px); }
.watermark { position: fixed; inset: 35% 0 auto; text-align: center; font-size: 130px; font-weight: 700; color: #0001;
  transform: rotate(-30deg); pointer-events: none; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--muted); white-space: nowrap; }
th[scope="row"] { width: 15em; }
td:last-child, figcaption { overflow-wrap: anywhere; }
tr, figure { break-inside: avoid; }
.narrative, .note { white-space: pre-wrap; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 12px; }
figure { margin: 0; }
img { width: 100%; border: 1px solid var(--line); }
.absent { display: grid; place-items: center; min-height: 120px; border: 1px dashed var(--muted); color: var(--muted); }
code { font-size: 0.72rem; color: var(--muted); overflow-wrap: anywhere; }
footer { margin-top: 24px; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.85rem; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
`

const section = (title: string, body: string): string =>
  body === "" ? "" : `<section><h2>${title}</h2>${body}</section>`

const facts = (rows: ReadonlyArray<Row>): string =>
  rows.length === 0
    ? ""
    : `<table>${rows.map(([name, words]) => `<tr><th scope="row">${text(name)}</th><td dir="auto">${text(words)}</td></tr>`).join("")}</table>`

const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  if (rows.length === 0) return ""
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("")
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td dir="auto" class="note">${text(cell)}</td>`).join("")}</tr>`
  )
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`
}

const figure = ({ words, hash, picture }: ReportPicture): string => {
  const shown =
    picture === undefined
      ? `<div class="absent">No longer kept, or not readable</div>`
      : `<img alt="${text(words)}" src="data:${picture.mediaType};base64,${Buffer.from(picture.bytes).toString("base64")}">`
  return `<figure>${shown}<figcaption>${text(words)}<br><code>SHA-256 ${hash}</code></figcaption></figure>`
}

const procedure = ({ name, steps }: ReportProcedure): string =>
  `<h3>${text(name)}</h3>${table(
    ["", "Step", "What came of it"],
    steps.map(({ sign, text: step, said }) => [sign, step, said])
  )}`

/** A report as one HTML document without anything from elsewhere: it can be sent, kept and printed as it is. */
export const reportHtml = (report: Report): string => {
  const { number, mark, title, site, narrative, timelineNote, foot, hash } = report
  const isExercise = mark !== "REAL"
  const pictures = report.pictures.map(figure).join("")
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(`${number} ${title}`)}</title><style>${style}</style></head><body>
${isExercise ? `<div class="watermark" aria-hidden="true">${mark}</div>` : ""}
<header><h1>Incident report ${number}</h1><span class="mark${isExercise ? " exercise" : ""}">${mark}</span><span dir="auto">${text(site)}</span></header>
<main>
${facts(report.facts)}
${section("Clery log", facts(report.clery))}
${section("People", table(["Name", "Role", "Note"], report.people))}
${section("Narrative", narrative.trim() === "" ? "" : `<p class="narrative" dir="auto">${text(narrative)}</p>`)}
${section("Alerts", table(["Alert", "What", "Course"], report.alerts))}
${section("Pictures", pictures === "" ? "" : `<div class="pictures">${pictures}</div>`)}
${section("Procedure", report.procedures.map(procedure).join(""))}
${section("Notes", table(["When", "Who", "Note"], report.notes))}
${section("Timeline", table(["When", "Kind", "What"], report.timeline) + (timelineNote === "" ? "" : `<p>${text(timelineNote)}</p>`))}
</main>
<footer><p dir="auto">${text(foot)}</p><code>SHA-256 of the export ${hash}</code></footer>
</body></html>
`
}
