import { createHash } from "node:crypto"
import type { Campus } from "../domain/campus.ts"
import type { HandOverReport } from "../domain/hand-over.ts"
import type { HandOver } from "../domain/shift.ts"
import { clockOf, countsOf, type Part, partsOf, type Row } from "./hand-over-parts.ts"

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const style = `
@page { margin: 18mm 16mm }
body { font: 11pt/1.4 "DejaVu Sans", system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 190mm; margin: 0 auto; padding: 12px }
h1 { font-size: 16pt; margin: 0 0 4pt }
h2 { font-size: 12pt; margin: 14pt 0 4pt; border-bottom: 1pt solid #777; break-after: avoid }
table { width: 100%; border-collapse: collapse; font-size: 10pt }
th, td { text-align: left; vertical-align: top; padding: 3pt 8pt 3pt 0; border-bottom: .5pt solid #bbb }
tr { break-inside: avoid }
p { margin: 2pt 0 }
.none { color: #555 }
.signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 24pt; margin-top: 24pt; break-inside: avoid }
.signatures p { border-top: 1pt solid #1a1a1a; padding-top: 3pt }
`

/** Nothing is loaded and nothing runs; only this style applies. */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'self'`

const table = (heads: Row, rows: ReadonlyArray<Row>): string =>
  `<table><thead><tr>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join("")}</tr></thead><tbody>` +
  rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("") +
  "</tbody></table>"

const partHtml = ({ title, heads, rows, total = rows.length }: Part): string =>
  `<h2>${escaped(title)}${total === 0 ? "" : ` (${total})`}</h2>` +
  (rows.length === 0 ? '<p class="none">None.</p>' : table(heads, rows)) +
  (total > rows.length ? `<p class="none">${total - rows.length} more are not listed.</p>` : "")

/** A hand-over as one page to print, and the policy that it is served under. */
export const handOverPage = (
  { handOver, report }: { readonly handOver: HandOver; readonly report: HandOverReport },
  campus: Campus | undefined
): { readonly html: string; readonly policy: string } => {
  const clock = clockOf(campus?.site.timeZone ?? "UTC")
  const title = `Shift hand-over ${handOver.id}`
  const signed = handOver.signed.map(({ by, at }) => `Taken over by ${by}, ${clock(at)}`).join("; ")
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head><body><main>
<h1>${escaped(title)}</h1>
<p>${escaped(campus?.site.name ?? "")}</p>
<p>From ${escaped(clock(report.from))} until ${escaped(clock(report.to))}</p>
<p>${escaped(countsOf(report))}</p>
${partsOf(report, clock).map(partHtml).join("\n")}
<div class="signatures"><p>Handed over by ${escaped(handOver.by)}, ${escaped(clock(handOver.at))}</p><p>${escaped(signed === "" ? "Not taken over yet" : signed)}</p></div>
</main></body></html>
`
  return { html, policy }
}
