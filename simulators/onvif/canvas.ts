import { glyphHeight, glyphOf, glyphWidth } from "./glyphs.ts"

export type Colour = readonly [red: number, green: number, blue: number]

/** A picture in memory, four bytes a pixel as the encoder wants them. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly data: Buffer
}

export const canvas = (width: number, height: number): Canvas => ({
  width,
  height,
  data: Buffer.alloc(width * height * 4, 255)
})

/** A copy to draw on. */
export const copyOf = ({ width, height, data }: Canvas): Canvas => ({ width, height, data: Buffer.from(data) })

/** A filled rectangle; what lies outside the picture is left out. */
export const fill = (
  { width, height, data }: Canvas,
  { x, y, w, h }: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  [red, green, blue]: Colour
): void => {
  const pixel = Buffer.from([red, green, blue, 255])
  const [left, right] = [Math.max(0, Math.round(x)), Math.min(width, Math.round(x + w))]
  const [top, bottom] = [Math.max(0, Math.round(y)), Math.min(height, Math.round(y + h))]
  if (right <= left) return
  for (let row = top; row < bottom; row++) data.fill(pixel, (row * width + left) * 4, (row * width + right) * 4)
}

/** A filled circle. */
export const disc = (
  on: Canvas,
  { x, y, radius }: { readonly x: number; readonly y: number; readonly radius: number },
  colour: Colour
): void => {
  for (let row = -radius; row <= radius; row++) {
    const half = Math.sqrt(radius * radius - row * row)
    fill(on, { x: x - half, y: y + row, w: 2 * half, h: 1 }, colour)
  }
}

/** Writes text from its upper left corner; `size` is how many pixels a dot of a letter has. */
export const write = (
  on: Canvas,
  text: string,
  { x, y, size }: { readonly x: number; readonly y: number; readonly size: number },
  colour: Colour
): void => {
  Array.from(text).forEach((letter, index) => {
    const left = x + index * (glyphWidth + 1) * size
    glyphOf(letter).forEach((dots, row) => {
      for (let column = 0; column < glyphWidth; column++) {
        if ((dots >> (glyphWidth - 1 - column)) & 1)
          fill(on, { x: left + column * size, y: y + row * size, w: size, h: size }, colour)
      }
    })
  })
}

/** How much room text of that size takes. */
export const extentOf = (text: string, size: number): { readonly w: number; readonly h: number } => ({
  w: Array.from(text).length * (glyphWidth + 1) * size,
  h: glyphHeight * size
})
