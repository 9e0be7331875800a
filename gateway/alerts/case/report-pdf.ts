import PDFDocument from "pdfkit"
import { PdfPage } from "./pdf-page.ts"
import type { Report, ReportPicture } from "./report.ts"

/** Where paper is cut to inches; elsewhere it is A4. */
const letterZones = /^(?:America|US|Canada|Pacific\/Honolulu)/

const perRow = 3
const gap = 10

const pictures = (page: PdfPage, shown: ReadonlyArray<ReportPicture>): void => {
  if (shown.length === 0) return
  page.heading("Pictures")
  const width = (page.width - (perRow - 1) * gap) / perRow
  for (let nth = 0; nth < shown.length; nth += perRow) {
    const row = shown.slice(nth, nth + perRow)
    const captions = row.map(({ words, hash }) => `${words}\nSHA-256 ${hash}`)
    const captionHeight = Math.max(...captions.map((caption) => page.heightOf(caption, width, 6.5)))
    const height = (width * 9) / 16
    page.room(height + captionHeight + gap)
    for (const [column, { picture }] of row.entries()) {
      const x = page.left + column * (width + gap)
      page.picture(picture?.bytes, x, width, height)
      page.put(captions[column] ?? "", x, page.y + height + 3, { width, size: 6.5 })
    }
    page.y += height + captionHeight + gap
  }
}

const head = (page: PdfPage, report: Report): void => {
  page.banner(`Incident report ${report.number}`, report.mark)
  page.text(report.site, { size: 9 })
  page.y += 4
  page.rows(report.facts, 130)
}

const middle = (page: PdfPage, report: Report): void => {
  page.heading("People", report.people.length > 0)
  page.table([0.35, 0.15, 0.5], report.people)
  page.heading("Narrative", report.narrative.trim() !== "")
  if (report.narrative.trim() !== "") page.text(report.narrative, { size: 9 })
  page.heading("Alerts", report.alerts.length > 0)
  page.table([0.12, 0.33, 0.55], report.alerts)
  pictures(page, report.pictures)
  for (const { name, steps } of report.procedures) {
    page.heading(`Procedure: ${name}`)
    page.table(
      [0.04, 0.5, 0.46],
      steps.map(({ sign, text, said }) => [sign, text, said])
    )
  }
}

const tail = (page: PdfPage, report: Report): void => {
  page.heading("Notes", report.notes.length > 0)
  page.table([0.2, 0.2, 0.6], report.notes)
  page.heading("Timeline", report.timeline.length > 0)
  page.table([0.19, 0.11, 0.7], report.timeline, 7.5)
  if (report.timelineNote !== "") page.text(report.timelineNote, { size: 8 })
}

/** A report as a PDF with all that it needs inside: fonts, pictures. Rejects only when the document itself fails. */
export const reportPdf = (report: Report, timeZone: string): Promise<Uint8Array> => {
  const document = new PDFDocument({
    size: letterZones.test(timeZone) ? "LETTER" : "A4",
    margin: 42,
    bufferPages: true,
    lang: "en",
    displayTitle: true,
    info: {
      Title: `${report.number} ${report.title}`,
      Author: "Gatehouse",
      Subject: `Incident report (${report.mark})`
    }
  })
  const chunks: Array<Uint8Array> = []
  const whole = new Promise<Uint8Array>((done, failed) => {
    document.on("data", (chunk: Uint8Array) => void chunks.push(chunk))
    document.on("end", () => done(Buffer.concat(chunks)))
    document.on("error", failed)
  })
  const page = new PdfPage(document, report.mark === "REAL" ? undefined : report.mark)
  head(page, report)
  page.heading("Clery log", report.clery.length > 0)
  page.rows(report.clery, 130)
  middle(page, report)
  tail(page, report)
  page.feet(report.foot, `SHA-256 of the export ${report.hash}`)
  document.end()
  return whole
}
