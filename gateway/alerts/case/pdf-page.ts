import { faces } from "./pdf-fonts.ts"
import { type Line, linesOf } from "./pdf-lines.ts"
import type { Row } from "./report.ts"

/** What is drawn on. */
type Document = PDFKit.PDFDocument

export interface TextStyle {
  readonly size: number
  readonly weight?: "regular" | "bold"
  /** Points; left out: the whole width. */
  readonly width?: number
}

const ink = "#1a1a1a"
const muted = "#4a4f55"
const rule = "#c4c4be"
const lineHeight = 1.32
/** Below the text, for the foot of the page. */
const footHeight = 34

/** Sets text and tables from the top of a page to its foot, and goes on with the next one. Sizes are points (1/72 inch). */
export class PdfPage {
  readonly #document: Document
  readonly #mark: string | undefined
  readonly left: number
  readonly width: number
  y: number

  /** `mark`: printed across every page, so that nobody takes an exercise for the real thing. */
  constructor(document: Document, mark: string | undefined) {
    this.#document = document
    this.#mark = mark
    for (const [name, file] of Object.entries(faces())) document.registerFont(name, file)
    this.left = document.page.margins.left
    this.width = document.page.width - 2 * this.left
    this.y = document.page.margins.top
    this.#watermark()
  }

  get #bottom(): number {
    return this.#document.page.height - this.#document.page.margins.bottom - footHeight
  }

  #watermark(): void {
    if (this.#mark === undefined) return
    const { width, height } = this.#document.page
    this.#document.save().rotate(-35, { origin: [width / 2, height / 2] })
    this.#document.font("bold").fontSize(150).fillColor("#000000", 0.07)
    const across = this.#document.widthOfString(this.#mark)
    this.#document.text(this.#mark, (width - across) / 2, height / 2 - 90, { lineBreak: false })
    this.#document.restore().fillColor(ink, 1)
  }

  #next(): void {
    this.#document.addPage()
    this.y = this.#document.page.margins.top
    this.#watermark()
  }

  /** Goes to the next page where so much does not fit on this one. */
  room(height: number): void {
    if (this.y + height > this.#bottom && this.y > this.#document.page.margins.top) this.#next()
  }

  #lines(text: string, { size, weight = "regular", width = this.width }: TextStyle): ReadonlyArray<Line> {
    const measure = (part: string, face: string): number => this.#document.font(face).fontSize(size).widthOfString(part)
    return linesOf(text, { width, weight, measure })
  }

  #line({ units, width, rightToLeft }: Line, x: number, y: number, style: TextStyle): void {
    let at = rightToLeft ? x + (style.width ?? this.width) - width : x
    for (const unit of units) {
      if (unit.text !== " ")
        this.#document.font(unit.face).fontSize(style.size).text(unit.text, at, y, { lineBreak: false })
      at += unit.width
    }
  }

  heightOf(text: string, width: number, size: number): number {
    return this.#lines(text, { size, width }).length * size * lineHeight
  }

  /** Sets a text somewhere, and leaves the place for the next one where it was. */
  put(text: string, x: number, y: number, style: TextStyle, colour = ink): void {
    this.#document.fillColor(colour)
    for (const [nth, line] of this.#lines(text, style).entries()) {
      this.#line(line, x, y + nth * style.size * lineHeight, style)
    }
    this.#document.fillColor(ink)
  }

  /** Sets a text below what is there, over as many pages as it takes. */
  text(text: string, style: TextStyle): void {
    const height = style.size * lineHeight
    for (const line of this.#lines(text, style)) {
      this.room(height)
      this.#line(line, this.left, this.y, style)
      this.y += height
    }
  }

  /** The head of the report: what it is, and whether it is real. */
  banner(title: string, mark: string): void {
    this.put(title, this.left, this.y, { size: 17, weight: "bold", width: this.width - 90 })
    const wide = this.#document.font("bold").fontSize(12).widthOfString(mark) + 16
    const x = this.left + this.width - wide
    this.#document.lineWidth(1.5).strokeColor(ink).rect(x, this.y, wide, 20).stroke()
    this.put(mark, x + 8, this.y + 3, { size: 12, weight: "bold", width: wide })
    this.y += 26
  }

  /** A heading, with room for something below it; nothing where there is nothing to head. */
  heading(title: string, wanted: boolean | "always" = "always"): void {
    if (wanted === false) return
    this.room(48)
    this.y += 9
    this.text(title, { size: 10.5, weight: "bold" })
    this.#document.lineWidth(0.6).strokeColor(rule)
    this.#document
      .moveTo(this.left, this.y + 1)
      .lineTo(this.left + this.width, this.y + 1)
      .stroke()
    this.y += 5
  }

  /** Names and what is said of them. */
  rows(rows: ReadonlyArray<Row>, nameWidth: number): void {
    const share = nameWidth / this.width
    this.table([share, 1 - share], rows, 9)
  }

  /** Rows of cells; `shares` of the width. A row that is longer than a page goes on with the next one. */
  table(shares: ReadonlyArray<number>, rows: ReadonlyArray<ReadonlyArray<string>>, size = 8.5): void {
    const height = size * lineHeight
    for (const row of rows) {
      const widths = shares.map((part) => part * this.width - 8)
      const cells = row.map((cell, nth) => this.#lines(cell, { size, width: widths[nth] ?? 0 }))
      const tall = Math.max(...cells.map((lines) => lines.length))
      // A short row stays together; a long one begins where it is.
      if (tall <= 8) this.room(tall * height + 3)
      for (let line = 0; line < tall; line++) {
        this.room(height)
        let x = this.left
        for (const [nth, lines] of cells.entries()) {
          const set = lines[line]
          const width = widths[nth] ?? 0
          if (set !== undefined) this.#line(set, x, this.y, { size, width })
          x += width + 8
        }
        this.y += height
      }
      this.#document.lineWidth(0.3).strokeColor(rule)
      this.#document
        .moveTo(this.left, this.y + 0.5)
        .lineTo(this.left + this.width, this.y + 0.5)
        .stroke()
      this.y += 3
    }
  }

  /** A picture in its frame; one that cannot be shown says so. */
  picture(bytes: Uint8Array | undefined, x: number, width: number, height: number): void {
    const isShown = bytes !== undefined && this.#drawn(bytes, x, width, height)
    this.#document.lineWidth(0.6).strokeColor(rule).rect(x, this.y, width, height).stroke()
    if (isShown) return
    const words = bytes === undefined ? "No longer kept, or not readable" : "The picture is damaged"
    this.put(words, x + 6, this.y + height / 2 - 4, { size: 7.5, width: width - 12 }, muted)
  }

  #drawn(bytes: Uint8Array, x: number, width: number, height: number): boolean {
    try {
      this.#document.image(Buffer.from(bytes), x, this.y, { fit: [width, height], align: "center", valign: "center" })
      return true
    } catch {
      // What a camera gave need not be a whole picture, though it begins like one.
      return false
    }
  }

  /** The foot of every page, with its number among all. */
  feet(words: string, hash: string): void {
    const { start, count } = this.#document.bufferedPageRange()
    for (let nth = start; nth < start + count; nth++) {
      this.#document.switchToPage(nth)
      const { height, margins } = this.#document.page
      // Text in the margin would begin a page of its own.
      margins.bottom = 0
      const y = height - 42 - 22
      const style = { size: 7, width: this.width - 60 }
      this.put(words, this.left, y, style, muted)
      this.put(hash, this.left, y + 10, { size: 6.5 }, muted)
      this.put(`page ${nth + 1} of ${count}`, this.left + this.width - 56, y, { size: 7, width: 60 }, muted)
    }
  }
}
